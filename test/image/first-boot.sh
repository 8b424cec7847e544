#!/usr/bin/env bash
# Starts an image for the first time, on cards as technicians would prepare them, and looks at it from outside and from inside:
# with a good file (then a pupil signs in by touch, and the MIS outside has the mark), again from the same card, with no file, and with
# files that are wrong; what empty files on the card ask for; how long a start takes beside one of the same system that only shows a page, and one of Debian alone; and on
# what QEMU knows of a Pi 3B.
#
# usage: first-boot.sh IMAGE FOLDER [good|wrong|none|card|speed|pi3b ...]     in the tools' own Debian (scripts/image test)
#
#   IMAGE    porter-BOARD.img, which is not changed
#   FOLDER   for its serial lines (serial-NAME.log) and pictures of its screen (NAME.png)
set -euo pipefail
image=$1 folder=$2
shift 2
[ $# -gt 0 ] || set -- good wrong none card speed pi3b
for part; do
  case $part in good | wrong | none | card | speed | pi3b) ;; *) echo "There is no part $part: good wrong none card speed pi3b" >&2 && exit 2 ;; esac
done
mkdir -p "$folder"
. "$(dirname "$0")/machine.sh"

ssh-keygen -q -t ed25519 -N '' -f "$key"
node "$(dirname "$0")/outside.mjs" "$folder" /project/dist/mis-simulator.js >"$folder/outside.log" &
outside=$!
trap 'kill -9 $machine $outside 2>/dev/null || true' EXIT
until grep -qs ready "$folder/outside.log"; do sleep 0.2; kill -0 $outside; done
marks() { curl -s http://127.0.0.1:18455/_sim/marks | grep -o '"writes":[1-9][0-9]*'; }
has_mark() { marks >/dev/null; }

good_file() {
  cat "$(dirname "$0")/all-day.toml"
  cat <<END
[late]
hold_seconds = 5
[mis]
connector = "wonde"
base_url = "https://10.0.2.2:18454/v1.0"
school_id = "A1930499544"
token = "demo-token"
[hardware]
printer = { kind = "simulated" }
camera = { kind = "none" }
lights = { kind = "none" }
[network]
hostname = "porter-hall"
ntp = ["10.0.2.2"]
ca_file = "school-ca.pem"
ssh_keys = ["$(cat "$key.pub")"]
END
}

good() {
  say 'A good file'
  fresh_card "$image"
  good_file >"$folder/porter.toml"
  put_on_card "$folder/porter.toml" "$folder/school-ca.pem"
  start good
  until_so 900 'the staff page answers' answers
  say "the staff page answers after $((SECONDS - started)) s"
  until_so 300 'somebody with a key may log in' inside true
  id=$(inside cat /etc/machine-id)
  same 'no unit has failed' "$(inside systemctl --failed --plain --no-legend | tr -s ' ')" ''
  same 'the system cannot be written' "$(inside findmnt -no FSTYPE,OPTIONS /run/porter-boot/system | tr -s ' ' | cut -d, -f1)" 'squashfs ro'
  same 'the data partition has grown over the card' "$(inside 'test $(($(findmnt -bno SIZE /data) / 1000000)) -gt 1400 && echo yes')" yes
  same 'nothing but the staff page, SSH and mDNS listens to the network' \
    "$(inside "sudo ss -Hlntu | awk '\$5 !~ /^(127\\.|\\[::1\\])/ { sub(/.*:/, \"\", \$5); print \$1, \$5 }' | sort -u | grep -vE '^udp (5353|68|546|[3-6][0-9]{4})\$'" | paste -sd,)" 'tcp 22,tcp 8443'
  same 'the firewall is in force' "$(inside 'sudo nft list chain inet porter input | grep -c "policy drop"')" 1
  same 'the token is gone from the card' "$(inside 'sudo grep -c "(stored)" /config/porter.toml; sudo grep -c demo-token /config/porter.toml')" $'1\n0'
  same 'the name of the technician file' "$(inside hostname)" porter-hall
  same 'the daemon may not be root' "$(inside 'ps -o user= -p $(systemctl show --value -p MainPID porter.service)')" porter
  until_so 600 'the screen shows a page' is_drawn
  say "a page is on the screen after $((SECONDS - started)) s"
  screen set-up
  inside 'systemd-analyze; free -m; systemctl show -p NRestarts porter-kiosk porter' || true
  same 'memory is left while the kiosk is shown (MB)' "$(inside "awk '/MemAvailable/ { print (int(\$2 / 1000) > 50 ? \"over 50\" : int(\$2 / 1000)) }' /proc/meminfo")" 'over 50'
  same 'nothing was ended for want of memory' "$(grep -c 'Out of memory' "$folder/serial-good.log")" 0
  until_so 300 'the time is certain' inside 'timedatectl show -p NTPSynchronized | grep -q yes'
  same 'a technician’s program has the key' "$(inside 'sudo porter key check' | grep -o '^The key fits')" 'The key fits'
  same 'and the stored token' "$(inside 'sudo porter check' | grep -o '^ok     MIS')" 'ok     MIS'
  until_so 300 'the pupils are here' inside 'sudo journalctl -u porter | grep -q roster-accepted'
  # As a pupil of Year 9, born in March, would: the first name, the first reason.
  for place in '676 38' '139 282' '303 280' '498 131' '140 122' '140 162'; do
    screen_before
    touch_at $place
    until_so 120 "the screen is another after a touch at $place" is_another
    screen "touched-${place/ /-}"
  done
  until_so 120 'the MIS has the mark of who signed in' has_mark
  same 'one mark, once' "$(marks)" '"writes":1'
  until_so 120 'somebody sets it up' act settle
  power_off

  say 'The same card again'
  config=$(hash_of_part config 64)
  start again
  until_so 900 'the staff page answers' answers
  say "the staff page answers after $((SECONDS - started)) s"
  until_so 300 'somebody with a key may log in' inside true
  same 'the machine’s id is that of the first start' "$(inside cat /etc/machine-id)" "$id"
  same 'no unit has failed at the second start' "$(inside systemctl --failed --plain --no-legend | tr -s ' ')" ''
  until_so 600 'the screen shows a page' is_drawn
  say "a page is on the screen after $((SECONDS - started)) s"
  screen home
  power_off
  same 'nothing is written on a card whose file is known' "$(hash_of_part config 64)" "$config"
}

# is_wrong NAME WORDS: the card has porter.toml, a file beside says what is wrong with it, and so does the screen.
is_wrong() {
  say "A wrong file: $1"
  fresh_card "$image"
  put_on_card "$folder/porter.toml"
  start "$1"
  until_so 900 'porter-error.txt says something' is_told
  same "porter-error.txt: $1" "$(on_card porter-error.txt | grep -oF "$2" | head -n 1)" "$2"
  until_so 600 'the screen says what is wrong' shows_problems
  screen "$1"
  cut_power
}
# The red of their list (device/first-boot/card-words.ts), which nothing else there has.
shows_problems() {
  is_drawn && node -e '
    const picture = require("node:fs").readFileSync(process.argv[1]).subarray(15);
    let red = 0;
    for (let at = 0; at < picture.length; at += 3) red += picture.readUIntBE(at, 3) === 0xb3261e;
    process.exit(red > 200 ? 0 : 1);' "$folder/screen.ppm"
}
is_told() { ! on_card porter-error.txt | grep -q 'has not read this card yet'; }

wrong() {
  printf '[school]\nname = "Hill View School\n' >"$folder/porter.toml"
  is_wrong no-toml 'a mistake (Unterminated string constant)'
  good_file | sed 's/^hold_seconds/hold_second/' >"$folder/porter.toml"
  is_wrong unknown-name ': late.hold_second'
  good_file | sed 's/closes = "12:00"/closes = "12.00pm"/' >"$folder/porter.toml"
  is_wrong no-time 'found:        "12.00pm"'
  good_file | sed '/^\[school\]/,/^name/d' >"$folder/porter.toml"
  is_wrong no-school ': school.name'
  good_file | iconv -t UTF-16 >"$folder/porter.toml"
  is_wrong not-utf-8 'text in another encoding'
}

none() {
  say 'No file'
  fresh_card "$image"
  start no-file
  # A demo's staff page is for the box itself only: its passwords are known.
  until_so 900 'the screen shows a page' is_drawn
  screen no-file
  same 'nothing is written on a card without a file' "$(on_card porter-error.txt | head -n 1)" 'The box has not read this card yet.'
  cut_power
}

# with_pupils NAME: a start, until its pupils can be signed in.
with_pupils() {
  start "$1"
  until_so 900 'the staff page answers' answers
  until_so 300 'somebody with a key may log in' inside true
  until_so 300 'the pupils are here' inside 'sudo journalctl -u porter | grep -q roster-accepted'
}
hash_of_key() { inside 'sudo sha256sum /data/credstore.encrypted/porter.key' | cut -c1-64; }

card() {
  local before
  say 'What files on the card ask for'
  fresh_card "$image"
  school_on_card
  with_pupils card-first
  until_so 120 'somebody sets it up' act settle
  same 'pupils come late' "$(act late 1 3)" 3
  before=$(hash_of_key)
  power_off

  : >"$folder/support"
  : >"$folder/reset-administrator"
  put_on_card "$folder/support" "$folder/reset-administrator"
  start card-requests
  until_so 900 'the staff page answers' answers
  until_so 300 'somebody with a key may log in' inside true
  same 'who came late is there' "$(act count)" 3
  same 'an administrator can be made anew' "$(act first-use)" yes
  power_off
  same 'porter-support.txt tells of the machine, and of nobody' "$(on_card porter-support.txt | grep -E '^== Porter|Okafor')" '== Porter'

  : >"$folder/factory-reset"
  put_on_card "$folder/factory-reset" "$folder/roster.csv"
  with_pupils card-reset
  same 'after a factory reset nobody has come' "$(act count)" 0
  same 'pupils come late' "$(act late 1 2)" 2
  same 'the box has a key of its own, and another one' "$([ "$(hash_of_key)" = "$before" ] && echo the same || echo another)" another
  power_off
  start card-reset-again
  until_so 900 'the staff page answers' answers
  until_so 300 'somebody with a key may log in' inside true
  same 'and who came after it is there at the next start' "$(act count)" 2
  power_off
}

# seconds_to_page NAME: until there is a page on the screen, of one start.
seconds_to_page() {
  start "$1"
  until_so 900 'the screen shows a page' is_drawn
  took=$((SECONDS - started))
  screen "$1"
  cut_power
}

seconds_to_target() {
  start "$1"
  until_so 900 'systemd has started everything' grep -aqs 'Reached target.*multi-user\.target' "$folder/serial-$1.log"
  took=$((SECONDS - started))
  cut_power
}

# A box as a school has it: one that is still to be set up tests its parts first, and shows that.
set_up_card() {
  fresh_card "$image"
  good_file >"$folder/porter.toml"
  put_on_card "$folder/porter.toml" "$folder/school-ca.pem"
  start speed-first
  until_so 900 'the screen shows a page' is_drawn
  say "the first: a page after $((SECONDS - started)) s"
  until_so 300 'somebody with a key may log in' inside true
  until_so 300 'somebody sets it up' act settle
  power_off
}

speed() {
  local round porter=() alone=() bare=()
  say 'How long a start takes: with Porter, with a browser alone, and without any of it'
  set_up_card
  for round in 1 2 3; do
    words=
    seconds_to_page "speed-porter-$round"
    porter+=("$took")
    # Cage and Chromium as ever, on a page that is there at once: what first boot would have to say (kiosk.sh).
    words='systemd.mask=porter.service systemd.mask=porter-first-boot.service'
    words+=" systemd.set_credential_binary=tmpfiles.extra:$(printf '%s\n' 'd /run/porter-box 0755' \
      'f /run/porter-box/screen.html 0644 - - - <hr size=200 color=black>' | base64 -w 0)"
    seconds_to_page "speed-alone-$round"
    alone+=("$took")
    # Debian alone, until systemd has started all that it is to start.
    words=$(sed -n 's/^enable \(porter.*\)/systemd.mask=\1/p' /project/systemd/porter.preset | paste -sd' ')
    seconds_to_target "speed-bare-$round"
    bare+=("$took")
    say "with Porter ${porter[-1]} s, alone ${alone[-1]} s, bare ${bare[-1]} s"
  done
  words=
  say "with Porter ${porter[*]} s, alone ${alone[*]} s, bare ${bare[*]} s:" \
    "$(median "${porter[@]}") against $(median "${alone[@]}") and $(median "${bare[@]}")"
}
median() { printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"; }

# As far as QEMU knows one: the kernel's drivers for its card and its USB, by the device tree that is on the boot partition.
pi3b() {
  say 'A Pi 3B, emulated'
  fresh_card "$image"
  good_file >"$folder/porter.toml"
  put_on_card "$folder/porter.toml" "$folder/school-ca.pem"
  model=pi3b
  start pi3b
  until_so 1500 'systemd has started everything' grep -aqs 'Reached target.*multi-user\.target' "$folder/serial-pi3b.log"
  until_so 900 'the staff page answers' answers
  say "the staff page answers after $((SECONDS - started)) s"
  until_so 300 'somebody with a key may log in' inside true
  same 'it is a Pi 3B' "$(inside 'tr -d "\\000" </proc/device-tree/model' | grep -o 'Raspberry Pi 3 Model B')" 'Raspberry Pi 3 Model B'
  same 'the system is on its card' "$(inside 'readlink -f "$(findmnt -no SOURCE /run/porter-boot/system)"')" /dev/mmcblk0p4
  same 'the data partition has grown over the card' "$(inside 'test $(($(findmnt -bno SIZE /data) / 1000000)) -gt 1400 && echo yes')" yes
  same 'its firmware can be asked to start the other half once' "$(inside 'test -d /sys/module/rpi_tryboot && echo yes')" yes
  same 'its firmware says that the power supply is strong enough' "$(inside 'cd /sys/class/hwmon && for one in *; do [ "$(cat "$one/name")" != rpi_volt ] || cat "$one/in0_lcrit_alarm"; done')" 0
  # There is no screen.
  same 'no other unit has failed' "$(inside systemctl --failed --plain --no-legend | grep -vE '^(porter-kiosk|porter-splash)\.service')" ''
  power_off
  model=virt
}

for part; do $part; done
result 'first boot'
