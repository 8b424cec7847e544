#!/usr/bin/env bash
# Puts everything in this folder where Debian looks for it.
#
# usage: systemd/install.sh ROOT
#
#   ROOT   `/`, or the root of a system that is being made. Which units are started says porter.preset:
#          systemctl --root=ROOT preset-all
set -euo pipefail
root=$(realpath -m "${1:?"usage: systemd/install.sh ROOT"}")
root=${root%/}
cd "$(dirname "$0")"

# put MODE FOLDER[/] FILE...: a folder with its slash keeps the names; else it is the one file's new name.
put() {
  local mode=$1 to=$root/$2
  shift 2
  case $to in */) mkdir -p "$to" ;; *) mkdir -p "${to%/*}" ;; esac
  install -m "$mode" "$@" "$to"
}

put 0644 usr/lib/systemd/system/ ./*.service ./*.timer ./*.mount ./*.path
put 0755 usr/lib/porter/ kiosk.sh kiosk-idle.sh lights-red.sh self-check.sh slots.sh splash.sh ssh-key.sh stick-backup.sh switch-off.sh
put 0755 usr/bin/porter porter.sh
put 0644 usr/lib/porter/ firewall.nft
put 0644 usr/lib/systemd/system-preset/10-porter.preset porter.preset
put 0644 usr/lib/systemd/system.conf.d/10-porter.conf system.conf
put 0644 usr/lib/systemd/journald.conf.d/10-porter.conf journald.conf
put 0644 usr/lib/systemd/coredump.conf.d/10-porter.conf coredump.conf
put 0644 usr/lib/systemd/timesyncd.conf.d/10-porter.conf timesyncd.conf
put 0644 usr/lib/systemd/zram-generator.conf.d/10-porter.conf zram.conf
put 0644 usr/lib/systemd/system/ssh.service.d/10-porter.conf ssh.conf
put 0644 usr/lib/sysctl.d/60-porter.conf sysctl.conf
put 0644 usr/lib/sysusers.d/porter.conf porter.sysusers.conf
put 0644 usr/lib/udev/rules.d/ 60-porter.rules
put 0644 etc/ssh/sshd_config.d/10-porter.conf sshd.conf
put 0440 etc/sudoers.d/porter sudoers
