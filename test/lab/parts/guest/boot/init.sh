#!/bin/bash
# The guest's first program: Debian's tree, which is read-only, under one in memory, so that everything is in the saved
# state; then systemd.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
modprobe -a overlay virtio_net virtio_rng
mount -t tmpfs -o size=90% tmpfs /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root || exit 1
mount --bind /app app
mkdir -p old late
cp app/guest/lab-line.service etc/systemd/system/
ln -s /etc/systemd/system/lab-line.service etc/systemd/system/multi-user.target.wants/
echo porter-lab >etc/hostname
echo 0123456789abcdef0123456789abcdef >etc/machine-id
for unit in serial-getty@ttyS0.service getty@tty1.service systemd-networkd.service systemd-timesyncd.service \
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
  systemd-firstboot.service; do
  ln -sf /dev/null etc/systemd/system/$unit
done
pivot_root . old
exec chroot . /lib/systemd/systemd
