#!/usr/bin/env bash
# From the archive of Debian's packages to the box's own system: /made/tree, and /made/boot for the firmware. Natively, in the tools'
# own Debian (scripts/image); nothing of arm64 runs.
#
# usage: assemble.sh BOARD ARCHIVE VERSION
set -euo pipefail
board=$1 archive=$2 version=$3
project=/project tree=/made/tree boot=/made/boot
rm -rf "$tree" "$boot"
mkdir -p "$tree" "$boot"
tar -xf "$archive" -C "$tree" --numeric-owner --xattrs --xattrs-include='*'

# What the firmware starts is not part of the system.
"$project/provisioning/board/$board/boot-files.sh" "$tree" "$boot"
cp "$project/provisioning/board/$board"/{config,cmdline}.txt "$boot"
rm -rf "$tree"/boot/* "$tree"/usr/lib/raspi-firmware "$tree"/usr/lib/linux-image-*

for module in "$project/provisioning/board/$board"/*/build.sh; do
  if [ -e "$module" ]; then "$module" "$tree"; fi
done

# Ours: settings of the system, units, daemon.
cd "$project/provisioning/overlay"
find . -type f -printf '%P\n' | while read -r file; do install -D -m 0644 "$file" "$tree/$file"; done
"$project/systemd/install.sh" "$tree"
sed -i "s/@BOARD@/$board/" "$tree/etc/rauc/system.conf"
install -m 0644 /made/update-cert.pem "$tree/etc/rauc/keyring.pem"
node "$project/provisioning/build/daemon.mjs" "$tree/usr/lib/porter" /cache/npm
aarch64-linux-gnu-g++ -shared -fPIC -O2 -w -s -DNODE_GYP_MODULE_NAME=epoll -DBUILDING_NODE_EXTENSION \
  -I/usr/include/node -I"$project/node_modules/nan" "$project/node_modules/epoll/src/epoll.cc" \
  -o "$tree/usr/lib/porter/node_modules/epoll/build/Release/epoll.node"
chown -R root:root "$tree/usr/lib/porter"
chmod -R u=rwX,go=rX "$tree/usr/lib/porter"
printf '%s\n' "$version" >"$tree/usr/lib/porter/version"
printf 'IMAGE_ID=porter\nIMAGE_VERSION=%s\n' "$version" >>"$tree/usr/lib/os-release"

# Users, and what is started: what porter.preset says, no more.
systemd-sysusers --root="$tree"
systemctl --root="$tree" preset-all
systemctl --root="$tree" set-default multi-user.target
mkdir -p "$tree/data" "$tree/config"

# No program but sudo makes anybody root.
find "$tree" -xdev -type f -perm /6000 ! -path "$tree/usr/bin/sudo" -exec chmod ug-s {} +

# Nothing of the machine that made it, nor of its mirror, and nothing that every box must have for itself.
rm -rf "$tree"/var/lib/apt/lists/* "$tree"/var/cache/apt/* "$tree"/etc/apt/sources.list* "$tree"/var/log/* "$tree"/var/cache/debconf/*-old \
  "$tree"/var/lib/dpkg/*-old "$tree"/etc/ssh/ssh_host_* "$tree"/var/lib/systemd/* "$tree"/var/lib/dbus/machine-id "$tree"/etc/*- \
  "$tree"/etc/apt/apt.conf.d/99mmdebstrap "$tree"/etc/dpkg/dpkg.cfg.d/99mmdebstrap \
  "$tree"/etc/apt/preferences.d/porter
: >"$tree/etc/machine-id"
: >"$tree/etc/resolv.conf"
echo porter >"$tree/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 porter\n::1 localhost ip6-localhost ip6-loopback\n' >"$tree/etc/hosts"

node "$project/provisioning/build/bill.mjs" "$tree" "$version"

# A clock without a battery starts no earlier than this; and nothing is found new in /usr at each start.
touch -d "@$SOURCE_DATE_EPOCH" "$tree/usr/lib/clock-epoch" "$tree/etc/.updated" "$tree/var/.updated"
find "$tree" "$boot" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
