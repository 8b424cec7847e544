#!/bin/bash
# usage: self-check.sh [ROOT]   What is wrong with the machine, a sentence a line, in ROOT/run/porter-box/concerns; the staff page
# shows them. It mends nothing, and a look that does not succeed says nothing.
set -u
root=${1-}
box=$root/run/porter-box

value() { cat "$@" 2>/dev/null | head -n 1; }
is_number() { case $1 in '' | *[!0-9]*) return 1 ;; esac; }

units() {
  systemctl list-units --state=failed --plain --no-legend --no-pager | while read -r unit _; do
    case $unit in
      porter-first-boot.service) echo 'The technician file could not be applied: the box works with the last good one.' ;;
      porter-kiosk-reload.service | porter-self-check.service) ;;
      *) echo "A service of the machine has failed: $unit." ;;
    esac
  done
  restarts=$(systemctl show --value -p NRestarts porter-kiosk.service)
  if is_number "$restarts" && [ "$restarts" -ge 10 ]; then
    echo "The browser of the screen has been started anew $restarts times since the box was switched on."
  fi
}

firewall() {
  nft list chain inet porter input >/dev/null 2>&1 || echo 'The firewall is not in force: switch the box off and on.'
}

watchdog() {
  [ "$(value "$root/sys/class/watchdog/watchdog0/state")" = active ] ||
    echo 'The hardware watchdog does not run: a box that hangs is not started anew by itself.'
}

# The Pi's own: below 4.63 V. The sensor tells of this moment, the kernel's messages of those since the last looks.
power() {
  use='use the one that belongs to the box, and a short cable.'
  for sensor in "$root"/sys/class/hwmon/hwmon*; do
    if [ "$(value "$sensor/name")" = rpi_volt ] && [ "$(value "$sensor/in0_lcrit_alarm")" = 1 ]; then
      echo "The power supply is too weak (under-voltage): $use"
      return
    fi
  done
  times=$(journalctl --dmesg --quiet --since=-1h --output=cat 2>/dev/null | grep -ciE 'under-?voltage detected')
  if [ "$times" -gt 0 ]; then
    echo "The power supply was too weak (under-voltage) within the last hour, $times times: $use"
  fi
}

# Above 80 degrees a Pi makes itself slow.
heat() {
  degrees=$(cat "$root"/sys/class/thermal/thermal_zone*/temp 2>/dev/null | sort -n | tail -n 1)
  if is_number "$degrees" && [ "$degrees" -ge 80000 ]; then
    echo "The box is hot ($((degrees / 1000)) degrees): give it air."
  fi
}

memory() {
  free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB$/\1/p' "$root/proc/meminfo" 2>/dev/null)
  if is_number "$free" && [ "$free" -lt 51200 ]; then
    echo "The box has little memory left ($((free / 1024)) MB): switch it off and on when nobody is at it."
  fi
}

mkdir -p "$box"
{
  cat "$box/first-boot"
  units
  firewall
  watchdog
  power
  heat
  memory
} >"$box/concerns.new" 2>/dev/null
mv "$box/concerns.new" "$box/concerns"
