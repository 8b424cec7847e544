#!/bin/bash
# usage: start.sh SECONDS-SINCE-1970 MIS-PORT   What the box meets after power: the time, the network, its daemon.
set -e
date -s "@$1" >/dev/null
# The MIS is outside and the box speaks plain HTTP to loopback only; kiosk and control are on loopback and come out.
pkill socat || true
setsid socat "TCP-LISTEN:9000,bind=127.0.0.1,fork,reuseaddr" "TCP:10.0.2.2:$2" >/dev/null 2>&1 &
setsid socat "TCP-LISTEN:9001,fork,reuseaddr" "TCP:127.0.0.1:8080" >/dev/null 2>&1 &
setsid socat "TCP-LISTEN:9002,fork,reuseaddr" "UNIX-CONNECT:/data/porter/control.sock" >/dev/null 2>&1 &
systemctl start --no-block porter
