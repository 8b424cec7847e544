#!/bin/bash
# The box's own screen: Chromium under cage, as on a box (README, "Kiosk"); its hands and eyes for tests come out on 9003.
set -e
systemctl start seatd
pkill -f TCP-LISTEN:9003 || true
setsid socat "TCP-LISTEN:9003,fork,reuseaddr" "TCP:127.0.0.1:9222" >/dev/null 2>&1 &
systemd-run --quiet --collect --unit=screen -p RuntimeDirectory=screen -p RuntimeDirectoryMode=0700 \
  -E XDG_RUNTIME_DIR=/run/screen -E HOME=/run/screen -E LIBSEAT_BACKEND=seatd -E WLR_RENDERER=pixman \
  -E WLR_LIBINPUT_NO_DEVICES=1 \
  cage -s -- chromium --ozone-platform=wayland --kiosk --no-sandbox --disable-gpu --no-first-run \
  --disable-background-networking --disable-component-update --disable-sync --user-data-dir=/run/screen/profile \
  --remote-debugging-port=9222 --remote-allow-origins='*' http://127.0.0.1:8080/
