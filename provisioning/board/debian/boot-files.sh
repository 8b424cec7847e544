#!/usr/bin/env bash
# usage: boot-files.sh TREE BOOT   What the firmware needs to start a slot goes from the system's tree into BOOT.
set -euo pipefail
tree=$1 boot=$2
cp -r "$tree"/usr/lib/raspi-firmware/. "$boot"
cp "$tree"/boot/vmlinuz-* "$boot/vmlinuz"
cp "$tree"/boot/initrd.img-* "$boot/initrd.img"
# Pi 4 and its relatives; the Pi 3 is what an emulated machine is.
cp "$tree"/usr/lib/linux-image-*/broadcom/bcm27*.dtb "$tree"/usr/lib/linux-image-*/broadcom/bcm2837*.dtb "$boot"
