#!/bin/sh
# usage: stick-backup.sh [ROOT]   Writes a backup to the USB stick in the box, as the daemon has asked for it (device/copies/stick.ts):
# an id and a password, a line each. Says under that id how it went: 0 or 1, and a sentence. The stick is not left mounted.
root=${1-}
request=$root/run/porter/stick/backup
answer=$root/run/porter-box/stick-backup
place=$root/run/porter-backup-stick

# Not the box's own drive, where it has one instead of a card.
stick() {
  for device in "$root"/dev/disk/by-id/usb-*; do
    [ -e "$device" ] || continue
    case $(blkid -o value -s TYPE "$device") in vfat | exfat) ;; *) continue ;; esac
    case $(blkid -o value -s PARTLABEL "$device") in config | boot_a | boot_b) continue ;; esac
    echo "$device"
    return
  done
}

write() {
  device=$(stick)
  [ -n "$device" ] || { echo 'There is no USB stick in the box, or none that Windows and macOS could read.'; return 1; }
  mkdir -p "$place"
  mount -o nosuid,nodev,noexec "$device" "$place" 2>/dev/null || { echo 'The USB stick cannot be read.'; return 1; }
  said=$(node /usr/lib/porter/porter.js backup create "$place/porter-$(date +%Y-%m-%d-%H%M%S).porter-backup" \
    --data /data/porter --config /config/porter.toml 2>&1)
  how=$?
  if [ "$how" = 0 ]; then said='The backup is on the stick, which may be taken out.'; fi
  # Only now is all of it there.
  if ! umount "$place" 2>/dev/null; then
    umount --lazy "$place"
    [ "$how" != 0 ] || said='The USB stick was taken out too soon: write the backup once more.'
    how=1
  fi
  echo "$said" | tail -n 1
  return "$how"
}

[ -r "$request" ] || exit 0
{
  read -r id
  words=$(write)
  how=$?
} <"$request"
printf '%s\n%s\n%s\n' "$id" "$how" "$words" >"$answer.new"
mv "$answer.new" "$answer"
rm -f "$request"
