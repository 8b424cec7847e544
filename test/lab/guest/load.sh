#!/bin/bash
# usage: load.sh NODE-FLAG...
# Starts the daemon, up to its first touch of the data folder (hold.cjs). Its words go to /run/lab/said.
mkdir -p /run/lab
mkfifo /run/lab/power
cd /tmp || exit 1
setsid node --require /app/guest/hold.cjs "$@" /app/dist/porter.js --config /app/guest/porter.toml --data /data/porter \
  >/run/lab/said 2>&1 </dev/null &
for _ in $(seq 3000); do
  [ -e /run/lab/held ] && exit 0
  sleep 0.1
done
cat /run/lab/said
exit 1
