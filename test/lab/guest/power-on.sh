#!/bin/bash
# usage: power-on.sh SECONDS-SINCE-1970 MIS-PORT
# What a box does between power and its daemon: clock, disk, daemon. Then says what the daemon says, for ever.
set -e
date -s "@$1" >/dev/null
# The saved state must not bring its random numbers back: the kernel's were renewed when the machine was restored
# (vmgenid), and a boot has an id of its own.
cat /proc/sys/kernel/random/uuid >/run/lab/boot-id
mount --bind /run/lab/boot-id /proc/sys/kernel/random/boot_id
for _ in $(seq 600); do
  [ -b /dev/vdc ] && break
  sleep 0.05
done
[ "$(cat /sys/block/vdc/queue/write_cache)" = 'write back' ] || { echo 'lab: the disk has no write cache'; exit 1; }
mount -o noatime /dev/vdc /data
# The MIS is outside and the box speaks plain HTTP to loopback only; kiosk and control are on loopback and come out.
socat "TCP-LISTEN:9000,bind=127.0.0.1,fork,reuseaddr" "TCP:10.0.2.2:$2" &
socat "TCP-LISTEN:9001,fork,reuseaddr" "TCP:127.0.0.1:8080" &
socat "TCP-LISTEN:9002,fork,reuseaddr" "UNIX-CONNECT:/data/porter/control.sock" &
echo 'lab: power' >&1
: >/run/lab/power
exec tail -n +1 -f /run/lab/said
