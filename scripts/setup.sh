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

command -v g++ >/dev/null && command -v make >/dev/null || apt_bring "compiler of the kernels" g++ make || exit 1
if [ "$level" != base ]; then
  [ -e /usr/share/tor/geoip ] || apt_bring "places of addresses" tor-geoipdb || say "skipped: tor-geoipdb (addresses are placed by the registries' allocations)"
  command -v bwrap >/dev/null || apt_bring "decoder sandbox" bubblewrap || say "skipped: bubblewrap (decoders keep seccomp alone)"
fi
if [ "$level" = dev ] || [ "$level" = bench ]; then
  command -v chromium >/dev/null || apt_bring "browser tests" chromium || say "skipped: browser tests (no Chromium)"
  command -v softhsm2-util >/dev/null || apt_bring "token of the tests" softhsm2 || say "skipped: keys in a token (no SoftHSM)"
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || apt_bring "clock that jumps" faketime || say "skipped: drill of the clock (no faketime)"
  { command -v aarch64-linux-gnu-g++ && command -v qemu-aarch64; } >/dev/null || apt_bring "kernels of another processor" g++-aarch64-linux-gnu qemu-user || say "skipped: NEON in an emulator (no g++-aarch64-linux-gnu, qemu-user)"
  { command -v mcopy && command -v ntfscp && command -v ewfacquire && command -v qemu-img; } >/dev/null || apt_bring "disk images of the tests" dosfstools e2fsprogs ewf-tools mtools ntfs-3g qemu-utils || say "skipped: tests of triage (no dosfstools, e2fsprogs, ewf-tools, mtools, ntfs-3g, qemu-utils)"
  command -v sigsum-witness >/dev/null || apt_bring "foreign witness" sigsum-go || say "skipped: one foreign witness (no sigsum-go)"
fi

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
