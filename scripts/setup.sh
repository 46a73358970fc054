#!/usr/bin/env bash
# Make .venv from nothing on a bare Debian 13: an interpreter >= 3.12 found on the machine (never downloaded) or brought
# by apt, uv, the pinned packages, the kernels. Safe to repeat; does only what is missing.
#   scripts/setup.sh [base|node|dev|bench]
set -euo pipefail
cd "$(dirname "$0")/.."
unset VIRTUAL_ENV PYTHONHOME  # an environment that happens to be active is not ours
level=${1:-dev}
say() { printf '· %s\n' "$*" >&2; }

apt_bring() { # apt_bring REASON PACKAGE...: as root; else say what is missing
  local reason=$1; shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "apt brings $* ($reason)"
    apt-get install -y -qq "$@" >/dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq "$@" >/dev/null; }
  else
    say "missing: $* ($reason); install it as root: apt install $*"
    return 1
  fi
}

find_python() {
  for candidate in python3.13 python3.14 python3.12 /usr/bin/python3 python3; do
    path=$(command -v "$candidate" 2>/dev/null) || continue
    # An interpreter is of use only with its headers and with venv.
    "$path" - 2>/dev/null <<'PY' && { echo "$path"; return; }
import ensurepip, os, sys, sysconfig
ok = sys.version_info >= (3, 12) and os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
sys.exit(not ok)
PY
  done
  return 1
}

python=$(find_python) || {
  apt_bring "interpreter" python3 python3-venv python3-dev && python=$(find_python)
} || { say "no Python 3.12 or newer with headers and venv was found"; exit 1; }

# What a level needs of the machine: how to see whether it is there, why, the packages, and what is skipped without it
# (nothing: it cannot be done without).
needs=("command -v g++ && command -v make|compiler of the kernels|g++ make|")
if [ "$level" != base ]; then
  needs+=(
    "test -e /usr/share/tor/geoip|places of addresses|tor-geoipdb|addresses are placed by the registries' allocations"
    "command -v bwrap|decoder sandbox|bubblewrap|decoders keep seccomp alone"
  )
fi
if [ "$level" = dev ] || [ "$level" = bench ]; then
  needs+=(
    "command -v chromium|browser of the tests|chromium|tests in a browser"
    "command -v softhsm2-util|token of the tests|softhsm2|tests of keys in a token"
    "ls /usr/lib/*/faketime/libfaketimeMT.so.1|clock that jumps|faketime|drill of the clock"
    "command -v aarch64-linux-gnu-g++ && command -v qemu-aarch64|kernels of another processor|g++-aarch64-linux-gnu qemu-user|NEON in an emulator"
    "command -v mcopy && command -v ntfscp && command -v ewfacquire && command -v qemu-img|disk images of the tests|dosfstools e2fsprogs ewf-tools mtools ntfs-3g qemu-utils|tests of triage"
    "command -v sigsum-witness|foreign witness|sigsum-go|one foreign witness"
  )
fi
missing=()
for need in "${needs[@]}"; do
  IFS='|' read -r check reason packages without <<<"$need"
  eval "{ $check; } >/dev/null 2>&1" || missing+=("$reason|$packages|$without")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "what this machine lacks, and why it is wanted:"
  for need in "${missing[@]}"; do
    IFS='|' read -r reason packages without <<<"$need"
    say "  $packages: $reason"
  done
fi
for need in ${missing[@]+"${missing[@]}"}; do
  IFS='|' read -r reason packages without <<<"$need"
  read -ra names <<<"$packages"
  apt_bring "$reason" "${names[@]}" || { [ -n "$without" ] && say "skipped: $without"; } || exit 1
done

unpack_proxies() { # the guides' proxies, unpacked and not installed: their packages would start servers
  local folder=$PWD/.venv/proxies packages
  [ -e "$folder/ready" ] && return
  say "apt brings nginx caddy haproxy (proxies of the guides, unpacked into .venv/proxies)"
  rm -rf "$folder" && mkdir -p "$folder/packages"
  packages=$(apt-cache depends haproxy 2>/dev/null | awk '/ Depends: lib(lua|opentracing)/ {print $2}')
  [ -n "$packages" ] || { apt-get update -qq 2>/dev/null; packages=$(apt-cache depends haproxy 2>/dev/null | awk '/ Depends: lib(lua|opentracing)/ {print $2}'); }
  packages+=" $(apt-cache depends $packages 2>/dev/null | awk '/ Depends: libopentracing/ {print $2}')"
  (cd "$folder/packages" && apt-get download -qq nginx caddy haproxy $packages >/dev/null 2>&1) || return 1
  for package in "$folder"/packages/*.deb; do dpkg -x "$package" "$folder"; done
  rm -r "$folder/packages" && touch "$folder/ready"
}

[ -x .venv/bin/python ] || { say "virtual environment with $python"; "$python" -m venv .venv; }
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv

if [ "$level" = dev ]; then
  unpack_proxies || say "skipped: proxies of the guides (apt cannot bring nginx, caddy and haproxy)"
fi

wanted=$(cat "requirements/$level.txt" requirements/base.txt | sha256sum | cut -d' ' -f1)-$level
if [ "$(cat .venv/.requirements 2>/dev/null)" != "$wanted" ]; then
  say "packages of requirements/$level.txt"
  .venv/bin/uv pip install --quiet --require-hashes -r "requirements/$level.txt"
  echo "$wanted" >.venv/.requirements
fi
if [ "$level" = bench ]; then
  command -v hashdeep >/dev/null || apt_bring "peer of the triage bench" hashdeep || say "skipped: a peer of bench/triage.py (no hashdeep)"
fi
if [ "$level" = bench ] && ! .venv/bin/python -c 'import vpdq' 2>/dev/null; then
  # The video bench's peer comes as source and is built against the system's ffmpeg.
  { apt_bring "video bench's peer" libavdevice-dev libavfilter-dev libswscale-dev pkg-config &&
    .venv/bin/uv pip install --quiet --require-hashes --no-deps -r requirements/peers.txt; } || say "skipped: bench/video.py (no vpdq)"
fi
sources=$(cat CMakeLists.txt scripts/kernels.sh $(git ls-files native 2>/dev/null || find native -type f) | sha256sum | cut -d' ' -f1)
if [ "$(cat .venv/.kernels 2>/dev/null)" != "$sources" ] || ! ls src/tutela/media/kernels/_pdq*.so src/tutela/matching/kernels/_hamming*.so >/dev/null 2>&1; then
  say "kernels"
  scripts/kernels.sh
  echo "$sources" >.venv/.kernels
fi
