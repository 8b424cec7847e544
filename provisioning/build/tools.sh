#!/usr/bin/env bash
# The programs that make an image, as a small Debian of their own: the same ones on whatever machine it is made.
#
# usage: tools.sh TREE SOURCE...     SOURCE: a line of apt's sources
set -euo pipefail
tree=$1
shift
packages=$(sed '/^#/d' "$(dirname "$0")/../packages/tools" | paste -sd,)
mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='mkdir "$1/project" "$1/cache" "$1/made"' \
  trixie "$tree" "$@"
