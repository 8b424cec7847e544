#!/usr/bin/env bash
# Updates an image in a virtual machine, from a USB stick: what is refused; from half a to half b, kept; a version that does not come up, gone
# back from; and the plug pulled at ten points, after each of which the box comes up and the update can be done again. This plays the
# Pi's firmware: it starts the half that autoboot.txt says, or the other one, once, where the kernel's last words ask for it.
#
# usage: update.sh BOARD FOLDER     in the tools' own Debian (scripts/image test-update), /made/card.img and /made/update-key.pem as for bundle.sh
set -euo pipefail
board=$1 folder=$2 image=/made/image.img
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

# stick BUNDLE: for the next start.
stick() {
  truncate -s 1G "$folder/stick.img"
  mkfs.vfat -F 32 -n STICK "$folder/stick.img" >/dev/null
  mcopy -i "$folder/stick.img" "$1" ::/porter.raucb
  attached=(-device qemu-xhci -drive "if=none,id=stick,file=$folder/stick.img,format=raw,readonly=on" -device usb-storage,drive=stick)
}

# What the firmware would start: the half of autoboot.txt, or once the other.
firmware() { # NAME of the start before
  local text number=2
  text=$(on_card autoboot.txt)
  if [ -e "$folder/serial-${1-}.log" ] && grep -aq "Restarting system with command '0 tryboot'" "$folder/serial-$1.log"; then
    number=$(sed -n '/^\[tryboot\]/,$s/^boot_partition=//p' <<<"$text")
  else
    number=$(sed -n '/^\[tryboot\]/q; s/^boot_partition=//p' <<<"$text")
  fi
  case $number in 2) half=a ;; 3) half=b ;; *) say "autoboot.txt names no half: $text" && exit 1 ;; esac
}

come_up() { # NAME
  start "$1"
  until_so 1200 'the staff page answers' answers
  until_so 600 'somebody with a key may log in' inside true
  say "$1: up after $((SECONDS - started)) s, from half $half"
}
update() { inside "sudo node /usr/lib/porter/porter.js update $* --config /config/porter.toml --data /data/porter"; }
seen_on_stick() { inside 'cat /run/porter-box/update/stick.json 2>/dev/null' | grep -q version; }
said() { inside 'sudo cat /data/update/last.json' | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
# As the daemon asks for it, once the stick has been looked at.
install_from_stick() { # VERSION
  until_so 300 'the stick was looked at' seen_on_stick
  inside "echo '{\"from\":\"stick\",\"version\":\"$1\",\"by\":\"a test\"}' | sudo sh -c 'cat >/run/porter/wish.new && mv /run/porter/wish.new /run/porter/update-wish'"
}
# Until the machine has ended by itself: with -no-reboot a restart is an end.
ends() { # SECONDS
  local limit=$((SECONDS + $1))
  while kill -0 "$machine" 2>/dev/null; do
    [ $SECONDS -lt $limit ] || { say "It does not start anew: $folder/serial-*.log" && exit 1; }
    sleep 1
  done
}

good=99.0.0+20991231.0000001 broken_one=99.0.0+20991231.0000002
say 'Bundles ...'
another "$good" true
# shellcheck disable=SC2016
another "$broken_one" sh -c 'echo "process.exit(1)" >usr/lib/porter/porter.js'

fresh_card "$image"
printf '[school]\nname = "Hill View School"\n[mis]\nconnector = "none"\n[roster]\nsource = "csv"\n[network]\nssh_keys = ["%s"]\n' "$(cat "$key.pub")" >"$folder/porter.toml"
printf 'mis_id,forename,surname,year_group,registration_group,birth_month\n1,Amara,Okafor,Year 9,9A,5\n' >"$folder/roster.csv"
put_on_card "$folder/porter.toml" "$folder/roster.csv"

say 'What is refused'
stick "$folder/porter-$board-$good.raucb"
head -c 100000000 "$folder/porter-$board-$good.raucb" >"$folder/cut.raucb"
mcopy -i "$folder/stick.img" "$folder/cut.raucb" ::/cut.raucb
come_up first
until_so 300 'the stick was looked at' seen_on_stick
inside 'sudo mkdir -p /mnt && sudo mount -o ro /dev/sda /mnt'
same 'a bundle that is cut off' "$(update install /mnt/cut.raucb)" 'The file is damaged, not whole, or no update.'
same 'nobody but root speaks to RAUC' "$(inside 'rauc status >/dev/null 2>&1 && echo may || echo may not')" 'may not'
inside 'sudo umount /mnt'

say 'From a to b'
install_from_stick "$good"
ends 2400
firmware first
same 'the firmware is asked for the other half' "$half" b
come_up trial
same 'it is on trial' "$(update status | head -n 1)" "Version $good, half b, on trial"
until_so 1500 'it is kept' inside 'sudo sh -c "! /usr/lib/porter/slots.sh is-trial"'
power_off
firmware trial
same 'from now on it is half b' "$half" b
come_up kept
same 'staff are told' "$(said outcome)" taken

say 'A version that does not come up'
power_off
stick "$folder/porter-$board-$broken_one.raucb"
come_up before-broken
install_from_stick "$broken_one"
ends 2400
firmware before-broken
same 'the other half is tried' "$half" a
start broken
ends 2400
firmware broken
same 'the firmware goes back' "$half" b
come_up after-broken
same 'staff are told' "$(update status | tail -n 1 | grep -o 'did not start')" 'did not start'

say 'The plug is pulled'
for after in 2 5 10 20 30 45 60 90 120 180; do
  install_from_stick "$broken_one"
  until_so 300 'it is being installed' inside 'test -e /run/porter-box/update/progress.json'
  sleep "$after"
  cut_power
  firmware none
  same "after $after s: the half that worked" "$half" b
  come_up "cut-$after"
  same "after $after s: version" "$(update status | head -n 1)" "Version $good, half b"
done
power_off
result update
