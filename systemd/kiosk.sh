#!/bin/bash
# usage: kiosk.sh [SECONDS]
#
# What the touchscreen shows: what first boot has to say, where it has (once, or until the box is started anew), else the kiosk.
set -u
box=/run/porter-box
port=8080
if [ -r "$box/kiosk-port" ]; then read -r port <"$box/kiosk-port"; fi
page="http://127.0.0.1:$port/set-up"
told=$XDG_RUNTIME_DIR/told
if [ -r "$box/screen.html" ]; then
  page=file://$box/screen.html
elif [ -r "$box/screen-once.html" ] && [ ! -e "$told" ]; then
  page=file://$box/screen-once.html
  : >"$told"
else
  until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.2; done
fi

# Chromium draws the list below its address bar as pages, in a process of 140 MB that never rests, though a kiosk shows none.
toolbar=WebUIOmniboxPopup,WebUIOmniboxFullPopup,WebUIOmniboxAimPopup

# A new profile each time: nothing of before is offered to be restored.
rm -rf "$XDG_RUNTIME_DIR/profile"
cage -d -- chromium --ozone-platform=wayland --kiosk --user-data-dir="$XDG_RUNTIME_DIR/profile" --no-first-run \
  --noerrdialogs --disable-session-crashed-bubble --enable-auto-reload --disable-background-networking \
  --disable-component-update --disable-sync --disable-breakpad --disable-pinch --overscroll-history-navigation=0 \
  --disable-features=Translate,MediaRouter,OptimizationHints,"$toolbar" --password-store=basic --disk-cache-size=10485760 "$page" &
browser=$!

# A browser that has lost its page (its network process died while it loaded, for instance) shows a white screen for ever. So when the
# daemon is there and no page has been connected to it for SECONDS, this ends, and systemd starts both anew.
connected() { grep -qE ": [0-9A-F]{8}:[0-9A-F]{4} 0100007F:$(printf %04X "$port") 01 " /proc/net/tcp; }
last=$SECONDS
while kill -0 $browser 2>/dev/null; do
  sleep 2
  if [ "$page" = "file://$box/screen.html" ] || connected || ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then last=$SECONDS; fi
  if [ $((SECONDS - last)) -ge "${1-120}" ]; then
    echo 'The browser has no page: it is started anew.' >&2
    kill $browser
    exit 1
  fi
done
wait $browser
