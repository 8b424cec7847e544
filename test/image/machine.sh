# Sourced by the tests of an image: a virtual machine that starts it as a Pi would, and what is done to it. Needs $folder; sets $card.
# shellcheck shell=bash
#
# There is no Pi's firmware, GPU or GPIO: those only a Pi proves. Kernel, initrd and command line are those of the image's own boot
# partition. The screen is 800x480 and is touched as a touchscreen is. Under emulation a start takes one to five minutes.

port=${PORTER_TEST_PORT:-18443}
key=$folder/key
told='console=ttyAMA0 systemd.show_status=yes systemd.journald.forward_to_console=1 systemd.journald.max_level_console=info'
told+=' systemd.setenv=WLR_RENDERER=pixman systemd.default_device_timeout_sec=600'
# `virt`: a Pi 4's processor and what virtual machines have. `pi3b`: what QEMU knows of a Pi 3B, its device tree, card and USB: no screen.
model=virt
half=a
# More for the kernel at the next starts.
words=
attached=()
held=0
broken=0
touches=0
machine=

say() { printf '%s %s\n' "$(date +%T)" "$*"; }

same() { # WORDS FOUND WANTED
  if [ "$2" = "$3" ]; then held=$((held + 1)); else
    broken=$((broken + 1))
    printf 'NOT SO: %s\n  found:  %s\n  wanted: %s\n' "$1" "$2" "$3"
  fi
}

result() { # NAME
  say "$1: $held hold, $broken do not"
  [ "$broken" = 0 ]
}

# until_so SECONDS WORDS COMMAND...: a machine that has stopped is not waited for.
until_so() {
  local limit=$((SECONDS + $1)) words=$2
  shift 2
  until "$@"; do
    kill -0 "$machine" 2>/dev/null || { say "The machine has stopped before this: $words. See $folder/serial-*.log"; exit 1; }
    [ $SECONDS -lt $limit ] || { say "Not so in time: $words. See $folder/serial-*.log"; exit 1; }
    sleep 1
  done
}

# fresh_card IMAGE: as it comes out of a shop, 4 GB.
fresh_card() {
  card=$folder/card.img
  cp --sparse=always "$1" "$card"
  truncate -s 4G "$card"
}

part() { sfdisk --dump "$card" 2>/dev/null | sed -n "s/.*start= *\([0-9]*\),.*name=\"$1\".*/\1/p" | awk '{ print $1 * 512 }'; }
# What a technician puts on the card, and reads there.
put_on_card() { mcopy -n -o -i "$card@@$(part config)" "$@" ::/; }
on_card() { mtype -i "$card@@$(part config)" "::/$1" | tr -d '\r' | sed 's/ *$//'; }

# A school without an MIS: sixty pupils, whose numbers inside.mjs knows; somebody with a key may log in.
school_on_card() {
  { cat "$(dirname "${BASH_SOURCE[0]}")/all-day.toml"
    printf '[mis]\nconnector = "none"\n[roster]\nsource = "csv"\n[clock]\ntrust = "system"\n[network]\nssh_keys = ["%s"]\n' "$(cat "$key.pub")"
  } >"$folder/porter.toml"
  { echo 'mis_id,forename,surname,year_group,registration_group,birth_month'
    for number in $(seq 60); do echo "$number,Amara,Okafor $number,Year 9,9A,5"; done
  } >"$folder/roster.csv"
  put_on_card "$folder/porter.toml" "$folder/roster.csv"
}

# hash_of_part NAME MIB: of what the card has there.
hash_of_part() { dd if="$card" bs=1M iflag=skip_bytes skip="$(part "$1")" count="$2" status=none | sha256sum | cut -d' ' -f1; }

# A machine that has no power any more is given up after two minutes.
inside() {
  ssh -q -i "$key" -p $((port + 1)) -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20 \
    -o ServerAliveInterval=15 -o ServerAliveCountMax=8 technician@127.0.0.1 "$@"
}
# act ACTION...: what people do there (inside.mjs).
act() { inside "sudo node --input-type=module - $*" <"$(dirname "${BASH_SOURCE[0]}")/inside.mjs"; }

# qmp COMMAND...: JSON.
qmp() { printf '%s\n' '{"execute":"qmp_capabilities"}' "$@" | socat -t 2 - "unix-connect:$folder/qmp" >"$folder/qmp.log"; }

screen() { # NAME
  qmp "{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"$folder/$1.png\",\"format\":\"png\"}}"
}

# touch_at X Y: of 800x480.
touch_at() {
  local x=$(($1 * 32767 / 800)) y=$(($2 * 32767 / 480))
  touches=$((touches + 1))
  touched() { printf '{"type":"mtt","data":{"type":"%s","slot":0,"tracking-id":%d,"axis":"%s","value":%d}}' "$@"; }
  send() { qmp "{\"execute\":\"input-send-event\",\"arguments\":{\"events\":[$(IFS=,; echo "$*")]}}"; }
  send "$(touched begin $touches x 0)" '{"type":"btn","data":{"button":"touch","down":true}}' \
    "$(touched data $touches x $x)" "$(touched data $touches y $y)"
  send "$(touched end -1 x 0)" '{"type":"btn","data":{"button":"touch","down":false}}'
}

parts_of_virt() {
  hardware=(-M virt -cpu cortex-a72 -smp 2 -m "${PORTER_TEST_MB:-1024}"
    -drive "if=none,id=card,file=$card,format=raw" -device virtio-blk-pci,drive=card -device virtio-rng-pci
    -device virtio-net-pci,netdev=net,romfile= -device virtio-gpu-pci,xres=800,yres=480 -device virtio-multitouch-pci)
}
parts_of_pi3b() {
  hardware=(-M raspi3b -m 1024 -dtb "$folder/bcm2837-rpi-3-b.dtb" -drive "if=sd,file=$card,format=raw" -device usb-net,netdev=net -serial null)
}

# start NAME: from $half, of which this firmware tells the kernel. Its serial line goes to serial-NAME.log. $attached: more of QEMU's options.
start() {
  local boot line console=$told
  boot=$(part "boot_$half")
  for file in vmlinuz initrd.img cmdline.txt; do mcopy -n -o -i "$card@@$boot" "::/$file" "$folder/$file"; done
  if [ "$model" = pi3b ]; then
    mcopy -n -o -i "$card@@$boot" ::/bcm2837-rpi-3-b.dtb "$folder/"
    # Its serial line is the second, and QEMU's watchdog of a Pi fires as soon as it is armed.
    console="${told/ttyAMA0/ttyS1,115200} systemd.watchdog_sec=0"
  fi
  # Its own line for the kernel, but that it is told on the serial line how it goes, that there is no GPU, and that all is slow here.
  line=$(sed 's/quiet//; s/loglevel=3//; s/systemd.show_status=false//' "$folder/cmdline.txt")
  parts_of_"$model"
  qemu-system-aarch64 "${hardware[@]}" -accel tcg,thread=multi -nodefaults -no-reboot -display none \
    -kernel "$folder/vmlinuz" -initrd "$folder/initrd.img" -append "$line $console $words porter.slot=$half" "${attached[@]}" \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:8443,hostfwd=tcp:127.0.0.1:$((port + 1))-:22" \
    -serial "file:$folder/serial-$1.log" -qmp "unix:$folder/qmp,server,nowait" &
  machine=$!
  started=$SECONDS
}

answers() { curl -sk -m 5 "https://127.0.0.1:$port/" -o /dev/null; }
# A page is on the screen: much of it is light (of the kiosk's Home 40 %), and not all of it white.
is_drawn() {
  rm -f "$folder/screen.ppm"
  qmp "{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"$folder/screen.ppm\"}}" && node -e '
    const picture = require("node:fs").readFileSync(process.argv[1]).subarray(15);
    const light = picture.filter((byte) => byte > 200).length / picture.length;
    process.exit(light > 0.2 && light < 0.99 ? 0 : 1);' "$folder/screen.ppm"
}

# There is a page on the screen, it is another than at screen_before, by more than a clock on it, and at rest.
screen_before() { qmp "{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"$folder/before.ppm\"}}"; }
is_another() {
  is_drawn || return 1
  sleep 1
  qmp "{\"execute\":\"screendump\",\"arguments\":{\"filename\":\"$folder/still.ppm\"}}"
  node -e '
    const [before, now, still] = process.argv.slice(1).map((file) => require("node:fs").readFileSync(file));
    const other = (one) => now.filter((byte, at) => byte !== one[at]).length / now.length;
    process.exit(other(before) > 0.01 && other(still) < 0.001 ? 0 : 1);' "$folder"/{before,screen,still}.ppm
}

# ends SECONDS: until the machine has ended by itself. A restart is an end too (-no-reboot).
ends() {
  local limit=$((SECONDS + $1))
  while kill -0 "$machine" 2>/dev/null; do
    [ $SECONDS -lt $limit ] || { say "It does not end: see $folder/serial-*.log"; exit 1; }
    sleep 1
  done
  wait "$machine" || true
}
power_off() {
  inside 'sudo systemctl poweroff' || true
  ends 600
}
cut_power() {
  kill -9 $machine 2>/dev/null || true
  wait $machine 2>/dev/null || true
}
trap 'kill -9 $machine 2>/dev/null || true' EXIT
