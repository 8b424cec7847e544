#!/bin/bash
# The network up, then the line: commands come as lines on the virtio port, what they say goes back, then their exit code. The
# far end comes and goes.
ip link set lo up
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2
port=(/dev/vport*p1)
exec 3<>"${port[0]}"
while :; do
  while read -r line <&3; do
    bash -c "$line" >&3 2>&1 3>&- </dev/null
    echo "##END $?" >&3
  done
  sleep 0.05
done
