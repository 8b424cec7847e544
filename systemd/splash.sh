#!/bin/sh
# usage: splash.sh [TERMINAL [FRAMEBUFFER]]   What the screen shows before the kiosk draws on it, between two of its browsers, and
# while the box goes off: black, as the kiosk's own screen begins, and two quiet lines in the middle.
terminal=${1-/dev/tty1}
framebuffer=${2-/dev/fb0}

# How many letters the screen has is known once it has a driver.
tries=0
until [ -e "$framebuffer" ] || [ "$tries" -ge 50 ]; do
  tries=$((tries + 1))
  sleep 0.2
done
size=$(stty size <"$terminal" 2>/dev/null) || size='30 100'
rows=${size% *}
columns=${size#* }

# middle ROW WORDS
middle() { printf '\033[%d;%dH%s' "$1" $(((columns - ${#2}) / 2 + 1)) "$2"; }
{
  printf '\033[?25l\033[2J\033[1;37m'
  middle $((rows / 2)) 'Porter'
  printf '\033[0;37m'
  middle $((rows / 2 + 2)) 'One moment please'
} >"$terminal"
