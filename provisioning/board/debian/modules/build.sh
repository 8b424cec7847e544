#!/usr/bin/env bash
# The modules of this folder into TREE, for its kernel. In the tools' own Debian (build/assemble.sh).
#
# usage: build.sh TREE
set -euo pipefail
tree=$1
sources=$(cd "$(dirname "$0")" && pwd)
kernel=$(basename "$tree"/usr/lib/modules/*)
# The packages name their places from the root on.
trap 'rm -rf /usr/src/linux-* /usr/lib/linux-kbuild-* /made/modules' EXIT
for package in "$tree"/usr/src/porter/*.deb; do dpkg -x "$package" /; done
rm -rf "$tree/usr/src/porter"

mkdir /made/modules
cp "$sources"/*.c /made/modules
for source in "$sources"/*.c; do
  echo "obj-m += $(basename "$source" .c).o"
done >/made/modules/Kbuild
# Types for tracing would want a program more.
make -s -C "/usr/src/linux-headers-$kernel" M=/made/modules CONFIG_DEBUG_INFO_BTF_MODULES= modules
aarch64-linux-gnu-strip --strip-debug /made/modules/*.ko
install -D -m 0644 -t "$tree/usr/lib/modules/$kernel/updates" /made/modules/*.ko
depmod -b "$tree" "$kernel"
