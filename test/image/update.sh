#!/usr/bin/env bash
# Updates an image in a virtual machine, from a USB stick: what is refused; from half a to half b, kept; a version that does not come up, gone
# back from; the plug pulled at so many points of an install, on trial, and in the moment of keeping, after each of which the box comes up
# with all that was recorded; and a whole install after all that. This plays the Pi's firmware: it starts the half that autoboot.txt
# says, or the other one, once, where the kernel's last words ask for it. Not over midnight: those who came late are counted today.
#
# usage: update.sh BOARD FOLDER CUTS     in the tools' own Debian (scripts/image test-update), /made/card.img and /made/update-key.pem as for
#                                         bundle.sh
set -euo pipefail
board=$1 folder=$2 cuts=$3 image=/made/image.img
mkdir -p "$folder"
. "$(dirname "$0")/machine.sh"
mv /made/card.img "$image"
ssh-keygen -q -t ed25519 -N '' -f "$key"

# another VERSION COMMAND: a bundle of the same system but for its version, and what the command changes in ./ of it.
another() {
  local version=$1 tree=$folder/tree at own
  shift
  cp --sparse=always "$image" /made/card.img
  card=/made/card.img
  at=$(part system_a)
  dd if="$image" of="$folder/system.img" bs=4M iflag=skip_bytes skip="$at" count=256 status=none
  rm -rf "$tree" && unsquashfs -q -n -d "$tree" "$folder/system.img" >/dev/null
  own=$(cat "$tree/usr/lib/porter/version")
  sed -i "s/${own//./\\.}/$version/g" "$tree/usr/lib/porter/"*.js "$tree/usr/lib/porter/version" "$tree/usr/lib/os-release"
  (cd "$tree" && "$@")
  mksquashfs "$tree" "$folder/system.img" -comp zstd -Xcompression-level 3 -b 256K -noappend -no-progress -quiet -xattrs
  dd if="$folder/system.img" of=/made/card.img bs=4M oflag=seek_bytes seek="$at" conv=notrunc status=none
  /project/provisioning/build/bundle.sh "$board"
  mv "/made/bundle/porter-$board-$version.raucb" "$folder/"
  rm -rf "$tree" "$folder/system.img" /made/card.img
}

# small NAME KIND VERSION KEY: a bundle with next to nothing in it, signed with KEY-key.pem: for refusals.
small() {
  local made=$folder/small
  mkdir -p "$made"
  printf '[update]\ncompatible=porter-%s\nversion=%s\n[bundle]\nformat=verity\n[image.boot]\nfilename=boot.img\n[image.system]\nfilename=system.img\n' \
    "$2" "$3" >"$made/manifest.raucm"
  head -c 65536 /dev/urandom | tee "$made/boot.img" >"$made/system.img"
  rauc bundle --cert="$4-cert.pem" --key="$4-key.pem" --keyring="$4-cert.pem" "$made" "$folder/$1.raucb" >"$folder/small.log" 2>&1 ||
    { cat "$folder/small.log" && exit 1; }
  rm -r "$made"
}

# stick BUNDLE: for the next start.
stick() {
  rm -f "$folder/stick.img"
  truncate -s 1G "$folder/stick.img"
  mkfs.vfat -F 32 -n STICK "$folder/stick.img" >/dev/null
  mcopy -i "$folder/stick.img" "$folder/porter-$board-$1.raucb" ::/porter.raucb
  attached=(-device qemu-xhci -drive "if=none,id=stick,file=$folder/stick.img,format=raw,readonly=on" -device usb-storage,drive=stick)
}

# on_autoboot all|tryboot: the number of the partition that the firmware starts from, by itself or once.
on_autoboot() {
  local text
  text=$(on_card autoboot.txt)
  case $1 in
    all) sed -n '/^\[tryboot\]/q; s/^boot_partition=//p' <<<"$text" ;;
    tryboot) sed -n '/^\[tryboot\]/,$s/^boot_partition=//p' <<<"$text" ;;
  esac
}
keeps() { [ "$(on_autoboot all)" = "$1" ]; }
asked_for_other() { grep -aqs "Restarting system with command '0 tryboot'" "$folder/serial-$1.log"; }
has_restarted() { grep -aqs 'Restarting system' "$folder/serial-$1.log"; }

# What the firmware would start: the half of autoboot.txt, or once the other. NAME: of the start before.
firmware() {
  local number
  if asked_for_other "$1"; then number=$(on_autoboot tryboot); else number=$(on_autoboot all); fi
  case $number in 2) half=a ;; 3) half=b ;; *) say 'autoboot.txt names no half' && exit 1 ;; esac
}

come_up() { # NAME
  start "$1"
  until_so 1200 'the staff page answers' answers
  until_so 600 'somebody with a key may log in' inside true
  say "$1: up after $((SECONDS - started)) s, from half $half"
}
porter() { inside "sudo porter $*"; }
update() { porter update "$@"; }
said() { inside 'sudo cat /data/update/last.json' | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
is_kept() { inside 'sudo sh -c "! /usr/lib/porter/slots.sh is-trial && grep -q taken /data/update/last.json"'; }

# The browser takes half of the time of a start here, and is needed where a version is to be kept.
without_kiosk() { words='systemd.mask=porter-kiosk.service'; }
with_kiosk() { words=; }

# As the daemon asks for it, once the stick has been looked at; until it is being written.
install_from_stick() { # VERSION
  until_so 300 'the stick was looked at' inside "grep -qF '\"version\":\"$1\"' /run/porter-box/update/stick.json"
  inside "echo '{\"from\":\"stick\",\"version\":\"$1\",\"by\":\"a test\"}' | sudo sh -c 'cat >/run/porter/wish.new && mv /run/porter/wish.new /run/porter/update-wish'"
  until_so 300 'it is being installed' inside 'test -e /run/porter-box/update/progress.json'
}

# Pupils who came late, each once; all of them are there after each start.
late=0
come_late() { # HOW MANY
  same "$1 pupils come late" "$(act late $((late + 1)) $((late + $1)))" "$1"
  late=$((late + $1))
}
nothing_lost() { # WORDS
  same "$1: those who came late" "$(act count)" "$late"
  same "$1: the records" "$(porter journal verify | grep -o '^All there and unaltered')" 'All there and unaltered'
}

# runs WORDS VERSION HALF
runs() {
  same "$1: version" "$(update status | head -n 1)" "Version $2, half $3"
  nothing_lost "$1"
}

day=$(date +%Y%m%d)
good=99.0.0+$day.0000001 broken_one=99.0.0+$day.0000002 next=99.0.0+$day.0000003

prepare_all() {
  say 'Bundles ...'
  another "$good" true
  another "$next" true
  # shellcheck disable=SC2016
  another "$broken_one" sh -c 'echo "process.exit(1)" >usr/lib/porter/porter.js'
  openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj '/CN=somebody else' -keyout "$folder/other-key.pem" -out "$folder/other-cert.pem" 2>/dev/null
  small unsigned "$board" "$good" "$folder/other"
  small another-kind raspios "$good" /made/update
  small older "$board" 0.0.1 /made/update
  head -c 100000000 "$folder/porter-$board-$good.raucb" >"$folder/cut.raucb"

  fresh_card "$image"
  school_on_card
}

is_refused() { # NAME WORDS
  same "refused: $1" "$(update install "/mnt/$1" | grep -oF "$2")" "$2"
}

refusals() {
  say 'What is refused'
  stick "$good"
  for name in cut unsigned another-kind older; do mcopy -i "$folder/stick.img" "$folder/$name.raucb" "::/$name.bad"; done
  without_kiosk
  come_up first
  with_kiosk
  until_so 600 'the pupils are here' inside 'sudo journalctl -u porter | grep -q roster-accepted'
  come_late 5
  until_so 300 'the stick was looked at' inside 'test -e /run/porter-box/update/stick.json'
  inside 'sudo mkdir -p /mnt && sudo mount -o ro /dev/sda /mnt'
  is_refused cut.bad 'The file is damaged, not whole, or no update.'
  is_refused unsigned.bad 'It is not signed by those who make updates for this box, or somebody changed it.'
  is_refused another-kind.bad "It is for another kind of box: porter-raspios. This one is porter-$board."
  is_refused older.bad 'It is older than what the box has: 0.0.1'
  same 'nobody but root speaks to RAUC' "$(inside 'rauc status >/dev/null 2>&1 && echo may || echo may not')" 'may not'
  inside 'sudo umount /mnt'
}

# The box is not set up yet: the screen shows that, and it is kept all the same.
from_a_to_b() {
  local since
  say 'From a to b'
  install_from_stick "$good"
  since=$SECONDS
  ends 2400
  installed=$((SECONDS - since))
  say "installed in $installed s"
  firmware first
  same 'the firmware is asked for the other half' "$half" b
  same 'by itself it would start the one before' "$(on_autoboot all)" 2
  come_up trial
  same 'RAUC knows which half runs' "$(inside 'sudo rauc status' | grep -o 'Booted from: system.1 (b)')" 'Booted from: system.1 (b)'
  until_so 1500 'it is kept' is_kept
  nothing_lost 'kept'
  until_so 120 'somebody sets it up' act settle
  come_late 5
  power_off
  firmware trial
  same 'from now on it is half b' "$half" b
}

does_not_come_up() {
  say 'A version that does not come up'
  stick "$broken_one"
  come_up before-broken
  same 'staff are told' "$(said outcome)" taken
  runs 'from a to b' "$good" b
  install_from_stick "$broken_one"
  ends 2400
  firmware before-broken
  same 'the other half is tried' "$half" a
  start broken
  ends 2400
  firmware broken
  same 'the firmware goes back' "$half" b
  stick "$next"
  come_up after-broken
  same 'staff are told' "$(update status | tail -n 1 | grep -o 'did not start')" 'did not start'
  runs 'after it' "$good" b
}

# At points all over what the first install took.
in_an_install() {
  local round after before=after-broken
  say 'The plug is pulled in an install'
  without_kiosk
  for ((round = 1; round <= cuts; round += 1)); do
    after=$((installed * (2 * round - 1) * 10 / (cuts * 26)))
    come_late 2
    install_from_stick "$next"
    sleep "$after"
    cut_power
    same "cut after $after s: before it had ended by itself" "$(has_restarted "$before" && echo no || echo yes)" yes
    half=
    firmware none
    same "cut after $after s: the half that worked" "$half" b
    before=cut-$round
    come_up "$before"
    runs "cut after $after s" "$good" b
  done
  before_trial=$before
}

# Still without a kiosk: so it is not kept, and the cut meets a trial.
on_trial() {
  say 'The plug is pulled on trial'
  come_late 2
  install_from_stick "$next"
  ends 2400
  firmware "$before_trial"
  come_up on-trial
  with_kiosk
  same 'it is on trial' "$(update status | head -n 1)" "Version $next, half a, on trial"
  come_late 2
  cut_power
  firmware none
  same 'cut on trial: the half that worked' "$half" b
  come_up after-trial
  runs 'cut on trial' "$good" b
}

# As soon as autoboot.txt has changed: nothing else of the keeping may be on the card.
in_the_commit() {
  say 'The plug is pulled when it is kept'
  install_from_stick "$next"
  ends 2400
  firmware after-trial
  start commit
  until_so 2400 'it is kept' keeps 2
  cut_power
  firmware none
  same 'cut when it was kept: the new half' "$half" a
  stick "$good"
  come_up after-commit
  runs 'cut when it was kept' "$next" a
  same 'staff are told' "$(update status | tail -n 1 | grep -o 'was installed and works')" 'was installed and works'
}

# By a technician, as provisioning/README.md says.
over_ssh() {
  say 'Once more, over SSH'
  come_late 2
  inside 'sudo mkdir -p /mnt && sudo mount -o ro /dev/sda /mnt'
  inside 'cd /mnt && sudo porter update install porter.raucb' || true
  ends 600
  firmware after-commit
  same 'the other half is tried' "$half" b
  come_up last-trial
  until_so 1500 'it is kept' is_kept
  power_off
  firmware last-trial
  come_up last
  runs 'over SSH' "$good" b
  power_off
}

prepare_all
refusals
from_a_to_b
does_not_come_up
in_an_install
on_trial
in_the_commit
over_ssh
result update
