#!/bin/sh
# porter COMMAND ...: on a box, as root: with its sealed key, its folders, and the school's proxy and authorities. Without a command:
# what there is.
[ "$(id -u)" = 0 ] || { echo 'porter is for root here: sudo porter ...' >&2; exit 1; }
[ $# -gt 0 ] || set -- --help
exec systemd-run --quiet --pipe --wait --collect --same-dir -p LoadCredentialEncrypted=porter.key \
  -p 'Environment=PORTER_CONFIG=/config/porter.toml PORTER_DATA=/data/porter' -p EnvironmentFile=-/run/porter-box/daemon.env \
  /usr/bin/node /usr/lib/porter/porter.js "$@"
