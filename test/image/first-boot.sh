#!/usr/bin/env bash
# Starts an image for the first time, in a virtual machine, with a technician file on its card: kernel and initrd from its own boot
# partition, its own card, a screen. Then looks at it from inside, as a technician with a key, and starts it again.
#
# usage: first-boot.sh IMAGE FOLDER     in the tools' own Debian (scripts/image test)
#
#   IMAGE    porter-BOARD.img; it becomes the machine's card, and is changed
#   FOLDER   for its serial line (serial-N.log) and the picture of its screen (screen.ppm)
#
# Under emulation a start takes two to five minutes. There is no Pi's firmware, GPU or GPIO: those only a Pi proves.
set -euo pipefail
card=$1 folder=$2
key=$folder/key port=${PORTER_TEST_PORT:-18443}
held=0
broken=0

part() { sfdisk --dump "$card" | sed -n "s/.*start= *\([0-9]*\),.*name=\"$1\".*/\1/p" | awk '{ print $1 * 512 }'; }
same() { # WORDS FOUND WANTED
  if [ "$2" = "$3" ]; then held=$((held + 1)); else
    broken=$((broken + 1))
    printf 'NOT SO: %s\n  found:  %s\n  wanted: %s\n' "$1" "$2" "$3"
  fi
}
inside() { ssh -q -i "$key" -p $((port + 1)) -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=20 technician@127.0.0.1 "$@"; }

start() { # N: the how manieth start
  local started=$SECONDS boot
  boot=$(part boot_a)
  for file in vmlinuz initrd.img cmdline.txt; do mcopy -n -o -i "$card@@$boot" "::/$file" "$folder/$file"; done
  # Its own line for the kernel, but that it is told on the serial line how it goes, and that there is no GPU.
  line=$(sed 's/quiet//; s/loglevel=3//; s/systemd.show_status=false//' "$folder/cmdline.txt")
  qemu-system-aarch64 -M virt -cpu cortex-a72 -smp 2 -m 2048 -accel tcg,thread=multi -nodefaults -no-reboot \
    -kernel "$folder/vmlinuz" -initrd "$folder/initrd.img" \
    -append "$line console=ttyAMA0 systemd.setenv=WLR_RENDERER=pixman systemd.setenv=WLR_LIBINPUT_NO_DEVICES=1" \
    -drive "if=none,id=card,file=$card,format=raw" -device virtio-blk-pci,drive=card -device virtio-rng-pci \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$port-:8443,hostfwd=tcp:127.0.0.1:$((port + 1))-:22" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-gpu-pci,xres=800,yres=480 -display none -serial "file:$folder/serial-$1.log" \
    -monitor "unix:$folder/monitor,server,nowait" &
  machine=$!
  until curl -sk -m 5 "https://127.0.0.1:$port/" -o /dev/null; do
    kill -0 $machine 2>/dev/null || { echo "The machine has stopped: $folder/serial-$1.log"; exit 1; }
    if [ $((SECONDS - started)) -gt 900 ]; then echo 'The staff page does not answer after 15 minutes.'; exit 1; fi
    sleep 1
  done
  echo "start $1: the staff page answers after $((SECONDS - started)) s"
}

screen() { printf 'screendump %s\n' "$folder/screen.ppm" | socat - "unix-connect:$folder/monitor" >/dev/null; }

mkdir -p "$folder"
truncate -s 4G "$card"
ssh-keygen -q -t ed25519 -N '' -f "$key"
cat >"$folder/porter.toml" <<END
[school]
name = "Hill View School"
[mis]
connector = "wonde"
school_id = "A1930499544"
token = "a-token-of-the-technician-file"
[network]
hostname = "porter-hall"
ssh_keys = ["$(cat "$key.pub")"]
END
mcopy -n -o -i "$card@@$(part config)" "$folder/porter.toml" ::/porter.toml
trap 'kill $machine 2>/dev/null || true' EXIT

start 1
id=$(inside cat /etc/machine-id)
same 'no unit has failed' "$(inside systemctl --failed --plain --no-legend | tr -s ' ')" ''
same 'the system cannot be written' "$(inside findmnt -no FSTYPE,OPTIONS /run/porter-boot/system | tr -s ' ' | cut -d, -f1)" 'squashfs ro'
same 'the data partition has grown over the card' "$(inside 'test $(($(findmnt -bno SIZE /data) / 1000000)) -gt 1400 && echo yes')" yes
same 'nothing but the staff page, SSH and mDNS listens to the network' \
  "$(inside "sudo ss -Hlntu | awk '\$5 !~ /^(127\\.|\\[::1\\])/ { sub(/.*:/, \"\", \$5); print \$1, \$5 }' | sort -u | grep -vE '^udp (5353|68|546|[3-6][0-9]{4})\$'" | paste -sd,)" 'tcp 22,tcp 8443'
same 'the firewall is in force' "$(inside 'sudo nft list chain inet porter input | grep -c "policy drop"')" 1
same 'the token is gone from the card' "$(inside 'sudo grep -c "(stored)" /config/porter.toml; sudo grep -c a-token-of /config/porter.toml')" $'1\n0'
same 'the name of the technician file' "$(inside hostname)" porter-hall
same 'the daemon may not be root' "$(inside 'ps -o user= -p $(systemctl show --value -p MainPID porter.service)')" porter
inside 'systemd-analyze; free -m; systemctl show -p NRestarts porter-kiosk porter' || true
sleep "${PORTER_TEST_SCREEN_SECONDS:-60}"
screen
inside 'sudo systemctl poweroff' || true
wait $machine || true

start 2
same 'the machine’s id is that of the first start' "$(inside cat /etc/machine-id)" "$id"
same 'no unit has failed at the second start' "$(inside systemctl --failed --plain --no-legend | tr -s ' ')" ''
inside 'sudo systemctl poweroff' || true
wait $machine || true

echo "first boot: $held hold, $broken do not"
[ "$broken" = 0 ]
