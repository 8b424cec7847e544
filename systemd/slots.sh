#!/bin/sh
# RAUC's way to the Pi's firmware (bootloader=custom in /etc/rauc/system.conf): autoboot.txt on the card's CONFIG partition says from which
# half it starts by itself (boot_partition: 2 is a, 3 is b) and from which once when it is asked to (tryboot).
#
# usage: slots.sh get-current | get-primary | get-state SLOT | set-state SLOT good|bad | set-primary SLOT
#        slots.sh is-trial     0: what runs is not what the firmware starts by itself; a card that cannot be read is no trial
set -eu
root=${PORTER_ROOT-}
config=$root/config
file=$config/autoboot.txt

running() { cat "$root/run/porter-boot/slot"; }
primary() {
  case $(sed -n '/^\[tryboot\]/q; s/^boot_partition=\([0-9]*\).*/\1/p' "$file") in
    2) echo a ;;
    3) echo b ;;
    *) echo 'autoboot.txt names no half' >&2 && return 1 ;;
  esac
}

# The two numbers change places. One write of one sector, in place, as long as before: a cut leaves the file as it was or as it is to be.
swap() {
  [ "$(wc -c <"$file")" -le 512 ] || { echo 'autoboot.txt is longer than a sector' >&2 && return 1; }
  if grep -q " $config [^ ]* ro" /proc/self/mounts; then
    mount -o remount,rw "$config"
    trap 'mount -o remount,ro "$config"' EXIT
  fi
  sed 's/^boot_partition=2/boot_partition=_/; s/^boot_partition=3/boot_partition=2/; s/^boot_partition=_/boot_partition=3/' "$file" |
    dd of="$file" bs=512 iflag=fullblock conv=notrunc,fsync status=none
}

case ${1-} in
  get-current) running ;;
  get-primary) primary ;;
  # Nothing is ever started from a half that was not written whole and then tried: no half has to be remembered as bad.
  get-state) echo good ;;
  set-state)
    # Good: the half that runs is the one to start from. Of another half it says nothing.
    if [ "$3" = good ] && [ "$2" = "$(running)" ] && [ "$2" != "$(primary)" ]; then swap; fi
    ;;
  # A half is tried first (porter update): it is never started from just because it was written.
  set-primary) [ "$2" = "$(primary)" ] ;;
  is-trial) here=$(running) && kept=$(primary) && [ "$here" != "$kept" ] ;;
  *) sed -n '5,6s/^# //p' "$0" >&2 && exit 2 ;;
esac
