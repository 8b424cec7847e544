#!/bin/bash
# Once after the machine was restored: what provisioning does on a box. Daemon, units, users, rules, the sealed key.
set -e
mkdir -p /usr/lib/porter /config /data /etc/credstore.encrypted
ln -s /late/dist/* /usr/lib/porter/
cp /late/systemd/lights-red.sh /late/systemd/switch-off.sh /usr/lib/porter/
cp /late/systemd/porter.service /etc/systemd/system/
cp -r /late/guest/drop-ins/* /etc/systemd/system/
cp /late/systemd/*.rules /etc/udev/rules.d/
systemd-sysusers /late/systemd/porter.sysusers.conf
udevadm control --reload
hex=$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
sum=$(printf %s "$hex" | sha256sum | cut -c1-8)
printf 'porter-key-1 %s %s\n' "$hex" "$sum" |
  systemd-creds encrypt --with-key=host --name=porter.key - /etc/credstore.encrypted/porter.key
systemctl daemon-reload
/late/guest/gpio-chip.sh pinctrl-bcm2711 58
