#!/bin/sh
# A camera program that behaves, or does not: test/support/camera-programs.ts puts it under the names of rpicam-vid, rpicam-still,
# and v4l2-ctl. The folder it lies in says how (`behaviour`), holds its pictures, and gets each call's arguments (`calls`).
here=$(dirname "$0")
name=$(basename "$0")
echo "$name $*" >>"$here/calls"
echo "$$" >>"$here/processes"
# One of several USB cameras may have a way of its own.
node=$(expr "$*" : '.*/dev/\(video[0-9]*\)')
behaviour=$(cat "$here/behaviour-$node" 2>/dev/null || cat "$here/behaviour")

case "$*" in
  *--list-cameras*) wants=list ;;
  *--list-formats*) wants=formats ;;
  *) wants=pictures ;;
esac
out=
for word; do
  [ "$before" = --output ] && out=$word
  before=$word
done

# A still goes into a file, live pictures go to the output.
isStill() { [ -n "$out" ] && [ "$out" != - ]; }
picture() { if isStill; then cat "$1" >"$out"; else cat "$1"; fi; }
forget() { sleep 1000 & echo "$!" >>"$here/processes"; }
complain() { echo "ERROR: *** $1 ***" >&2; }

case "$wants $behaviour" in
  'list gone') complain 'no cameras available'; exit 255 ;;
  'list usb') echo "0 : 'C920' [1920x1080] (/base/scb/pcie@7d500000/usb@0,0-1:1.0-046d:0825)"; exit ;;
  list*)
    echo 'Available cameras'
    echo '-----------------'
    echo '0 : imx219 [3280x2464 10-bit RGGB] (/base/soc/i2c0mux/i2c@1/imx219@10)'
    exit
    ;;
  'formats gone') echo "Cannot open device $2, exiting." >&2; exit 1 ;;
  'formats raw') printf "ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture\n\n\t[0]: 'YUYV' (YUYV 4:2:2)\n"; exit ;;
  formats*)
    # Of two devices of one camera the second holds no pictures; a Pi's own codecs give Motion JPEG of what they are given.
    case "$*" in
      *video0* | *video2*) printf "ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture\n\n\t[0]: 'MJPG' (Motion-JPEG, compressed)\n\t[1]: 'YUYV' (YUYV 4:2:2)\n" ;;
      *video1*) printf "ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture\n\n" ;;
      *) printf "ioctl: VIDIOC_ENUM_FMT\n\tType: Video Capture Multiplanar\n\n\t[0]: 'MJPG' (Motion-JPEG, compressed)\n" ;;
    esac
    exit
    ;;
esac

show() {
  if isStill; then picture "$here/frame-0.jpg"; return; fi
  while :; do for frame in "$here"/frame-*.jpg; do cat "$frame" || exit; sleep 0.05; done; done
}

case $behaviour in
  good | usb) show ;;
  slow) sleep 1; show ;;
  hang) sleep 1000 ;;
  stubborn) trap '' TERM; sleep 1000; sleep 1000 ;;
  half)
    head -c 3000 "$here/frame-0.jpg" >"$here/half"
    picture "$here/half"
    isStill || while :; do sleep 0.05; cat "$here/half" || exit; done
    ;;
  error) complain 'failed to start camera'; exit 255 ;;
  busy) complain 'failed to acquire camera /base/soc/i2c0mux/i2c@1/imx219@10'; exit 255 ;;
  gone | raw) complain 'no cameras available'; exit 255 ;;
  crash) kill -SEGV $$ ;;
  flood) yes 'ERROR: *** something *** ERROR: *** something else ***' >&2 & show ;;
  nothing) ;;
  grandchild) forget; show ;;
  orphan) forget ;;
  stops) for i in 0 1 2 3 4 5; do cat "$here/frame-$i.jpg"; sleep 0.05; done; exit 1 ;;
esac
