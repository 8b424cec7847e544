#!/usr/bin/env bash
# The system of Debian's packages for arm64, with its initrd, as one archive. The only step that runs programs of arm64 by
# the hundred (QEMU's user emulation): 10 to 20 minutes on two cores, and kept until a package changes.
#
# usage: root.sh BOARD ARCHIVE SOURCE...     SOURCE: a line of apt's sources
set -euo pipefail
umask 022
provisioning=$(cd "$(dirname "$0")/.." && pwd)
board=$1 archive=$2
shift 2
packages=$(sed '/^#/d' "$provisioning"/packages/{box,kiosk} "$provisioning/board/$board/packages" | paste -sd,)

# Whatever dates a package leaves behind, none is later: an archive of the same packages is the same archive. 2025-08-09.
export SOURCE_DATE_EPOCH=1754697600
# No initrd with each package that asks for one (minutes); one at the end.
export INITRD=No

# The initramfs' own files are there before anything makes one.
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
chmod 0755 "$own"
install -D -m 0644 "$provisioning/initramfs/modules" "$own/usr/share/initramfs-tools/modules.d/porter"
install -D -m 0644 "$provisioning/initramfs/porter.conf" "$own/etc/initramfs-tools/conf.d/porter"
install -D -m 0755 "$provisioning/initramfs/slot" "$own/etc/initramfs-tools/scripts/local-top/porter-slot"
install -D -m 0755 "$provisioning/initramfs/root" "$own/etc/initramfs-tools/scripts/local-bottom/porter-root"

# Of a later Debian what the board names, and nothing else.
later=$own/etc/apt/preferences.d/porter
install -D -m 0644 /dev/null "$later"
if [ -e "$provisioning/board/$board/newer" ]; then
  sed '/^#/d' "$provisioning/board/$board/newer" | while read -r package suite _; do
    printf 'Package: *\nPin: release n=%s\nPin-Priority: -1\n\nPackage: %s\nPin: release n=%s\nPin-Priority: 990\n\n' "$suite" "$package" "$suite"
  done >"$later"
fi

# Memory is much quicker than a disk here; 6 GB of it where there is as much twice.
if [ "$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' /proc/meminfo)" -gt 8000000 ]; then
  TMPDIR=$(mktemp -d)
  export TMPDIR
  mount -t tmpfs -o size=6G,mode=1777 tmpfs "$TMPDIR"
fi

# What a board's own kernel module is built with comes along (build/assemble.sh takes it out again).
architectures=arm64 hooks=()
machine=$(dpkg --print-architecture)
for download in "$provisioning/board/$board"/*/download.sh; do
  if [ ! -e "$download" ]; then continue; fi
  hooks+=(--customize-hook="'$download' \"\$1\"")
  if [ "$machine" != arm64 ]; then
    architectures=arm64,$machine
    hooks+=(--customize-hook="chroot \"\$1\" dpkg --remove-architecture $machine")
  fi
done

# 70debconf reads the questions of every package, which nobody answers.
mmdebstrap --quiet --mode=root --architectures="$architectures" --variant=apt --format=tar --include="$packages" \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
  --dpkgopt=force-unsafe-io --dpkgopt=force-confold \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --setup-hook="cp '$later' \"\$1/etc/apt/preferences.d/\"" \
  --essential-hook="cp -r '$own/.' \"\$1\"" \
  --essential-hook='rm -f "$1/etc/apt/apt.conf.d/70debconf"' \
  --customize-hook='for kernel in "$1"/usr/lib/modules/*; do
    chroot "$1" mkinitramfs -o "/boot/initrd.img-${kernel##*/}" "${kernel##*/}"
  done' \
  "${hooks[@]}" \
  trixie "$archive" "$@"
