#!/bin/bash
# usage: kiosk-idle.sh [SECONDS [FOLDER]]   0: the browser runs for over six hours, and for so long nobody touches the screen (two
# minutes: by then the kiosk is Home again, also in large letters; product.md 3). Else 1, and it is left alone.
set -u
seconds=${1-120}
inputs=${2-/dev/input}

# Monotonic times, microseconds and seconds: since when it runs, and now.
since=$(systemctl show --value -p ActiveEnterTimestampMonotonic porter-kiosk.service)
read -r now _ </proc/uptime
[ $((${now%.*} - ${since:-0} / 1000000)) -gt 21600 ] || exit 1

touched=$(
  for device in "$inputs"/event*; do timeout "$seconds" head -c 1 "$device" & done 2>/dev/null | wc -c
)
[ "$touched" -eq 0 ]
