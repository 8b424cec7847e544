#!/bin/sh
# usage: ssh-key.sh [FOLDER]   Makes the machine's SSH key where there is none: whole, or not at all.
set -eu
folder=${1-/data/ssh}
key=$folder/ssh_host_ed25519_key
[ ! -s "$key" ] || exit 0
rm -f "$key" "$key.new" "$key.new.pub"
ssh-keygen -q -t ed25519 -N '' -C porter -f "$key.new"
sync "$key.new"
mv "$key.new" "$key"
sync "$folder"
