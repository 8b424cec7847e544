# Read by the other scripts (`. setup.sh`): where the project is, the right Node, the packages of the lock file.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Small heaps suit a small box: 115 MB become about 70, at no cost in speed that was seen. A thread that has drawn a badge collects by itself.
# shellcheck disable=SC2034
node_flags=(--optimize-for-size --max-semi-space-size=1 --max-old-space-size=96 --expose-gc)
# What the C library and the badge's renderer have freed is the machine's again, and not kept for the next time: a third of the memory of a box
# that has been used.
export MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072 MIMALLOC_PURGE_DELAY=0

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 1
}

# The comment block at the head of a script is its help.
show_help() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"; }

need_node() {
  command -v node >/dev/null || fail 'Porter needs Node.js 20.19 or newer, and there is no `node` here (Debian 13: apt-get install nodejs npm).'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Porter needs Node.js 20.19 or newer; $(command -v node) is $(node --version)."
}

# Installs only when node_modules is not what the lock file says. Nothing is compiled, no package's script runs.
need_packages() {
  (
    flock 8 # two scripts started together install once; the lock is on the folder itself
    node "$root/scripts/packages-current.mjs" && exit 0
    command -v npm >/dev/null || fail 'The packages must be installed, and there is no `npm` here (Debian: apt-get install npm).'
    say 'Installing packages (about half a minute) ...'
    log=$(mktemp)
    if ! (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      fail "npm ci failed (npm $(npm --version))."
    fi
    rm -f "$log"
  ) 8<"$root"
}

need_build() { "$root/scripts/build"; }

# need_programs NAME[=PACKAGE]...: programs, and the Debian packages of another name that hold them, installed when they
# are not there.
need_programs() {
  local missing=() as_root=() log step name
  for name in "$@"; do
    [ -x "/usr/bin/${name%=*}" ] || [ -x "/usr/sbin/${name%=*}" ] || missing+=("${name#*=}")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  say "Installing ${missing[*]} (apt-get install) ..."
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  log=$(mktemp)
  for step in update "install -y --no-install-recommends ${missing[*]}"; do
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive ${as_root[@]+"${as_root[@]}"} apt-get $step >"$log" 2>&1 ||
      fail "$(cat "$log")" "Not installed: ${missing[*]}."
  done
  rm -f "$log"
}
