#!/bin/bash
# All that the guest starts by itself: no systemd, nothing that writes. Both disks that are here at the start are
# read-only; the one that matters is plugged in later, mounted at /data by power-on.sh.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp
mount -t tmpfs tmp /tmp
modprobe -a virtio_net virtio_rng
exec /app/guest/line.sh
