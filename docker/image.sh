#!/bin/sh
# image.sh [--base <image>]: makes sure that the image of the lab's hosts exists, and prints its name as the last line.
# <image> is a release of Ubuntu or Debian such as `ubuntu:24.04` or `debian:12`, its code name, or any image of
# theirs. The default is $HA_DEPLOY_LAB_BASE, else ubuntu:22.04, else debian:12 where no registry answers.
# Without a registry, Debian's bases are made with debootstrap from the mirror that this machine's apt uses, or from
# $HA_DEPLOY_DEBIAN_MIRROR.
set -eu

context=$(cd "$(dirname "$0")" && pwd)/node
included=systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,ca-certificates
# Long enough to pull a base over a slow line, short enough for a line that swallows packets.
pull_seconds=120

fail() {
  echo "image.sh: $*" >&2
  exit 1
}

note() {
  echo "image.sh: $*" >&2
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# canonical <base>: `bookworm` and `debian:bookworm` are `debian:12`, so that each has one image.
canonical() {
  case $1 in
    bullseye | debian:bullseye) echo debian:11 ;;
    bookworm | debian:bookworm) echo debian:12 ;;
    trixie | debian:trixie) echo debian:13 ;;
    jammy | ubuntu:jammy) echo ubuntu:22.04 ;;
    noble | ubuntu:noble) echo ubuntu:24.04 ;;
    *) echo "$1" ;;
  esac
}

# suite_of <base>: what debootstrap calls it; nothing for what debootstrap cannot make here.
suite_of() {
  case $1 in
    debian:11) echo bullseye ;;
    debian:12) echo bookworm ;;
    debian:13) echo trixie ;;
  esac
}

exists() {
  docker image inspect "$1" >/dev/null 2>&1
}

pull() {
  timeout "$pull_seconds" docker pull --quiet "$1" >/dev/null 2>&1
}

# quietly <command…>: shows its output only when it fails.
quietly() {
  if "$@" >"$work/log" 2>&1; then return; fi
  cat "$work/log" >&2
  return 1
}

# The mirror of Debian that this machine's apt uses; nothing on an Ubuntu, where debootstrap knows a mirror itself.
mirror() {
  if [ -n "${HA_DEPLOY_DEBIAN_MIRROR:-}" ]; then
    echo "$HA_DEPLOY_DEBIAN_MIRROR"
    return
  fi
  # shellcheck disable=SC2016 # apt expands it
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep '/debian/*$' | head -n 1
}

install_debootstrap() {
  if command -v debootstrap >/dev/null || [ -x /usr/sbin/debootstrap ]; then return; fi
  command -v apt-get >/dev/null || fail 'the base cannot be pulled, and there is no debootstrap to make it: install one.'
  note 'installing debootstrap'
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 install --no-install-recommends debootstrap >/dev/null
}

# bootstrap <suite> <name of the image>
bootstrap() {
  install_debootstrap
  note "making a base of Debian $1 with debootstrap; this takes a minute or two, once"
  # shellcheck disable=SC2046 # no mirror, no argument
  quietly as_root env PATH="$PATH:/usr/sbin:/sbin" \
    debootstrap --variant=minbase --include="$included" "$1" "$work/root" $(mirror) || return 1
  as_root tar -C "$work/root" --exclude='./var/cache/apt/archives/*.deb' -c . | docker import - "$2" >/dev/null
}

# find_base <base>: sets $found to a local image of it, or fails.
find_base() {
  suite=$(suite_of "$1")
  for found in "$1" ${suite:+"ha-deploy-base:$suite"}; do
    if exists "$found"; then return; fi
  done
  found=$1
  if pull "$1"; then return; fi
  if [ -z "$suite" ]; then return 1; fi
  found=ha-deploy-base:$suite
  bootstrap "$suite" "$found"
}

# What the image is made of: if it changes, so does this.
fingerprint() {
  {
    docker image inspect --format '{{.Id}}' "$1"
    cd "$context"
    find . -type f -printf '%m %p\n' | LC_ALL=C sort
    find . -type f | LC_ALL=C sort | xargs sha256sum
  } | sha256sum | cut -d ' ' -f 1
}

# build <base image> <name of the image>
build() {
  hash=$(fingerprint "$1")
  if [ "$(docker image inspect --format '{{index .Config.Labels "ha-deploy.hash"}}' "$2" 2>/dev/null)" = "$hash" ]; then
    return
  fi
  note "building $2 from $1"
  quietly docker build --build-arg BASE="$1" --label ha-deploy.hash="$hash" --tag "$2" "$context" ||
    fail "$2 could not be built."
}

base=${HA_DEPLOY_LAB_BASE:-}
if [ $# = 2 ] && [ "$1" = --base ]; then
  base=$2
elif [ $# != 0 ]; then
  fail "usage: image.sh [--base <image>]"
fi

# Not /tmp, which may be small or refuse device files.
work=$(mktemp -d -p /var/tmp)
cleanup() {
  # What debootstrap made belongs to root; a mount that it left when it was killed is not followed.
  if [ -d "$work/root" ]; then as_root rm -rf --one-file-system "$work/root"; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

wanted=$(canonical "${base:-ubuntu:22.04}")
if ! find_base "$wanted"; then
  if [ -n "$base" ]; then fail "$wanted is not here, cannot be pulled, and cannot be made with debootstrap."; fi
  note "no registry answers, so there is no $wanted: taking debian:12 in its place"
  wanted=debian:12
  find_base "$wanted" || fail "the base $wanted could not be made."
fi

node=ha-deploy-node:$(echo "$wanted" | tr ':/@' '---')
build "$found" "$node"
echo "$node"
