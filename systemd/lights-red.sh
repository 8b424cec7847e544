#!/bin/sh
# No daemon: red, whatever the lights showed when it died. At its start the daemon has noted which of the kernel's files
# that takes (device/lights/gpio.ts), a line each: value and file. Lights that were never driven are left alone.
[ -r "$RUNTIME_DIRECTORY/lights" ] || exit 0
while read -r value file; do
  echo "$value" >"$file"
done <"$RUNTIME_DIRECTORY/lights"
