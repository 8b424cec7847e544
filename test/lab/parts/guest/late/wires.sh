#!/bin/bash
# usage: wires.sh SECONDS PIN...   Follows wires of the simulated chip from its own side: a line for each change, with the
# milliseconds since the first, and 0 or 1 for each pin. It looks every 5 ms: the guest's only processor is wanted elsewhere.
seconds=$1
shift
files=()
# Of several chips the last: the Pi 5's header hangs on its second.
for pin in "$@"; do
  found=(/sys/devices/platform/gpio-sim.*/gpiochip*/sim_gpio"$pin"/value)
  files+=("${found[-1]}")
done
# A pipe in which nothing ever comes: to wait for it is to wait, without a process for each look.
exec {never}<> <(:)
start=${EPOCHREALTIME/./}
before=
while now=$((${EPOCHREALTIME/./} - start)); [ $now -lt $((seconds * 1000000)) ]; do
  levels=
  for file in "${files[@]}"; do
    read -r level <"$file"
    levels+=" $level"
  done
  if [ "$levels" != "$before" ]; then echo "$((now / 1000))$levels"; fi
  before=$levels
  read -rt 0.005 -u "$never" || true
done
