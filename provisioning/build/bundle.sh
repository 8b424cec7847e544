#!/usr/bin/env bash
# From a card to the update for boxes that run already: what lies in its first half, signed, and a description for whoever offers it at
# an address ([update] url). In the tools' own Debian.
#
# usage: bundle.sh BOARD     /made/card.img and /made/update-key.pem with its certificate; into /made/bundle
set -euo pipefail
board=$1 made=/made/bundle inside=/made/inside
rm -rf "$made" "$inside"
mkdir -p "$made" "$inside"

# part NAME start|size: bytes
part() { sfdisk --dump /made/card.img | sed -n "s/.*$2= *\([0-9]*\),.*name=\"$1\".*/\1/p" | awk '{ print $1 * 512 }'; }
take() { dd if=/made/card.img of="$inside/$2.img" bs=4M iflag=skip_bytes,count_bytes skip="$(part "$1" start)" count="$3" status=none; }
take boot_a boot "$(part boot_a size)"
# As much as the system fills of its half: its own head says so (bytes_used), and it is padded to whole pages.
used=$(dd if=/made/card.img bs=8 count=1 iflag=skip_bytes skip=$(($(part system_a start) + 40)) status=none | od -An -tu8 | tr -d ' ')
take system_a system $(((used + 4095) / 4096 * 4096))

version=$(unsquashfs -cat "$inside/system.img" usr/lib/os-release | sed -n 's/^IMAGE_VERSION=//p')
[ -n "$version" ]
cat >"$inside/manifest.raucm" <<END
[update]
compatible=porter-$board
version=$version
[bundle]
format=verity
[image.boot]
filename=boot.img
[image.system]
filename=system.img
END
bundle=porter-$board-$version.raucb
rauc bundle --cert=/made/update-cert.pem --key=/made/update-key.pem --keyring=/made/update-cert.pem "$inside" "$made/$bundle" >/made/rauc.log 2>&1 ||
  { cat /made/rauc.log >&2 && exit 1; }
rm -rf "$inside"
printf '{ "compatible": "porter-%s", "version": "%s", "bundle": "%s", "bytes": %s, "sha256": "%s" }\n' "$board" "$version" "$bundle" \
  "$(stat -c %s "$made/$bundle")" "$(sha256sum "$made/$bundle" | cut -d' ' -f1)" >"$made/porter-$board.json"
echo "$bundle ($(($(stat -c %s "$made/$bundle") / 1000000)) MB), and porter-$board.json for an address"
