#!/usr/bin/env bash
# From /made/tree and /made/boot to the card: /made/card/porter.img. No file system is mounted for it.
#
# usage: card.sh
set -euo pipefail
provisioning=/project/provisioning card=/made/card
export TZ=UTC MTOOLS_SKIP_CHECK=1
rm -rf "$card"
mkdir -p "$card/config" "$card/data" "$card/none"
cd "$card"

# fat IMAGE LABEL SIZE FOLDER: always the same bytes for the same files.
fat() {
  truncate -s "$3" "$1"
  mkfs.vfat --invariant -F 32 -n "$2" "$1" >/dev/null
  find "$4" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$4" && find . -mindepth 1 -type d -printf '%P\n' | LC_ALL=C sort) | while read -r folder; do mmd -i "$1" "::/$folder"; done
  (cd "$4" && find . -type f -printf '%P\n' | LC_ALL=C sort) | while read -r file; do mcopy -m -i "$1" "$4/$file" "::/$file"; done
}

# message NAME BYTES WORDS: a file that the box writes later, in place and no longer than it is now (device/first-boot/in-place.ts).
message() {
  printf "%-$2s" "$3" >"config/$1"
}

mksquashfs /made/tree system.squashfs -comp zstd -Xcompression-level 6 -b 256K -noappend -no-progress -quiet -xattrs

fat boot.vfat BOOT 160M /made/boot

for file in "$provisioning"/card/*; do sed 's/$/\r/' "$file" >"config/${file##*/}"; done
# The firmware's own is read and written by programs: one sector, without CR.
cp "$provisioning/card/autoboot.txt" config/
message porter-error.txt 4096 'The box has not read this card yet.'
message porter-support.txt 16384 'Nobody has asked for this yet: put an empty file named support on the card, and start the box.'
fat config.vfat CONFIG 64M config

touch -d "@$SOURCE_DATE_EPOCH" data
truncate -s 128M data.ext4
# Blocks and journal of a large partition, which it becomes (up to 128 GB without a new table).
E2FSPROGS_FAKE_TIME=$SOURCE_DATE_EPOCH mke2fs -q -t ext4 -T default -b 4096 -J size=32 -m 1 -L data -U da7ada7a-0000-4000-8000-000000000001 \
  -E hash_seed=da7ada7a-0000-4000-8000-000000000002,root_owner=0:0,resize=33554432 -d data data.ext4

genimage --config "$provisioning/genimage.cfg" --rootpath none --inputpath . --outputpath . --tmppath genimage.tmp --loglevel 1
rm -rf genimage.tmp none
