#!/usr/bin/env bash
# The module rpi_tryboot into TREE, for its kernel. In the tools' own Debian (build/assemble.sh).
#
# usage: build.sh TREE
set -euo pipefail
tree=$1
sources=$(cd "$(dirname "$0")" && pwd)
kernel=$(basename "$tree"/usr/lib/modules/*)
# The packages name their places from the root on.
trap 'rm -rf /usr/src/linux-* /usr/lib/linux-kbuild-* /made/tryboot' EXIT
for package in "$tree"/usr/src/porter/*.deb; do dpkg -x "$package" /; done
rm -rf "$tree/usr/src/porter"

mkdir /made/tryboot
cp "$sources/rpi_tryboot.c" /made/tryboot
echo 'obj-m := rpi_tryboot.o' >/made/tryboot/Kbuild
# Types for tracing would want a program more.
make -s -C "/usr/src/linux-headers-$kernel" M=/made/tryboot CONFIG_DEBUG_INFO_BTF_MODULES= modules
aarch64-linux-gnu-strip --strip-debug /made/tryboot/rpi_tryboot.ko
install -D -m 0644 /made/tryboot/rpi_tryboot.ko "$tree/usr/lib/modules/$kernel/updates/rpi_tryboot.ko"
depmod -b "$tree" "$kernel"
