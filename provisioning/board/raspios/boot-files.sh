#!/usr/bin/env bash
# usage: boot-files.sh TREE BOOT   What the firmware needs to start a slot goes from the system's tree into BOOT.
set -euo pipefail
tree=$1 boot=$2
cp -r "$tree"/usr/lib/raspi-firmware/. "$boot"
for kind in v8 2712; do
  cp "$tree"/boot/vmlinuz-*-"$kind" "$boot/vmlinuz-$kind"
  cp "$tree"/boot/initrd.img-*-"$kind" "$boot/initrd-$kind.img"
done
mkdir -p "$boot/overlays"
cp "$tree"/usr/lib/linux-image-*-v8/broadcom/bcm27*.dtb "$tree"/usr/lib/linux-image-*-2712/broadcom/bcm2712*.dtb "$boot"
cp "$tree"/usr/lib/linux-image-*-v8/overlays/* "$boot/overlays"
