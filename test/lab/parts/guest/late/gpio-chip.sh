#!/bin/bash
# usage: gpio-chip.sh LABEL LINES...   A simulated GPIO chip, its wires to be read in /sys/devices/platform/gpio-sim.N/.
# Several pairs: several chips, in their order, as the Pi 5 has. Ones that were here before go.
set -e
modprobe gpio-sim-lab
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
cd /sys/kernel/config/gpio-sim
for old in */; do
  [ -d "$old" ] || continue
  echo 0 >"$old/live"
  rmdir "$old"/bank*/line* "$old"/bank* "$old" 2>/dev/null || true
done
i=0
while [ $# -gt 0 ]; do
  mkdir -p "lab$i/bank0"
  echo "$2" >"lab$i/bank0/num_lines"
  echo "$1" >"lab$i/bank0/label"
  # A pin that another driver has: HOG=27 in the environment.
  if [ -n "${HOG-}" ]; then
    mkdir -p "lab$i/bank0/line$HOG/hog"
    echo lab >"lab$i/bank0/line$HOG/hog/name"
    echo input >"lab$i/bank0/line$HOG/hog/direction"
  fi
  echo 1 >"lab$i/live"
  shift 2
  i=$((i + 1))
done
udevadm settle
