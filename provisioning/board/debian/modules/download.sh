#!/usr/bin/env bash
# What the kernel of the box builds modules with, as packages in TREE/usr/src/porter: at the same time and of the same archive as the
# kernel itself. In a hook of mmdebstrap (build/root.sh), on the machine that builds.
#
# usage: download.sh TREE
set -euo pipefail
tree=$1
export APT_CONFIG=$MMDEBSTRAP_APT_CONFIG
kernel=$(basename "$tree"/usr/lib/modules/*) # 6.12.117+deb13-arm64
release=${kernel%-arm64}
mkdir -p "$tree/usr/src/porter"
cd "$tree/usr/src/porter"
# kbuild runs where the image is made.
apt-get -qq -o APT::Sandbox::User=root download \
  "linux-headers-$kernel:arm64" "linux-headers-$release-common" "linux-kbuild-$release:$(dpkg --print-architecture)"
