#!/bin/sh
# Makes sure that a Docker engine answers; says nothing and takes no time where one does.
# Otherwise, on Debian and Ubuntu, it installs docker.io from apt and starts it: after a question in a terminal,
# unasked only as root without one (CI). Exits 1 and says what to do where it cannot help.
set -eu

log=/var/log/ha-deploy-dockerd.log
pid_file=/var/run/docker.pid

fail() {
  echo "engine.sh: $*" >&2
  exit 1
}

note() {
  echo "engine.sh: $*" >&2
}

answers() {
  timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

has_apt() {
  command -v apt-get >/dev/null && grep -Eqs '^ID(_LIKE)?=.*(debian|ubuntu)' /etc/os-release
}

# agree <what would be done>
agree() {
  if [ -t 0 ] && [ -t 2 ]; then
    printf '%s [y/N] ' "No Docker engine answers. $1?" >&2
    read -r answer
    case $answer in [yY]*) return ;; esac
    fail 'the lab needs a Docker engine; nothing was changed.'
  fi
  if [ "$(id -u)" != 0 ]; then
    fail "no Docker engine answers. $1: run this as root or in a terminal, or start an engine yourself."
  fi
  note "no Docker engine answers. $1."
}

install_engine() {
  packages=docker.io
  as_root apt-get -qq -o DPkg::Lock::Timeout=300 update
  # Newer releases ship the client as a package of its own.
  if ! command -v docker >/dev/null && apt-cache show docker-cli >/dev/null 2>&1; then
    packages="$packages docker-cli"
  fi
  # shellcheck disable=SC2086 # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=300 install --no-install-recommends $packages >/dev/null
}

is_dockerd() {
  # A killed dockerd whose parent does not collect it keeps its number and its name.
  [ "$(cat "/proc/$1/comm" 2>/dev/null)" = dockerd ] && ! grep -q '^State:.*zombie' "/proc/$1/status"
}

# dockerd refuses to start while any process has the number in its pid file, also one that got it after a crash.
forget_dead_engine() {
  pid=$(as_root cat "$pid_file" 2>/dev/null) || return 0
  if ! is_dockerd "$pid"; then as_root rm -f "$pid_file"; fi
}

# True also where another script has just started it.
engine_is_starting() {
  pid=$(as_root cat "$pid_file" 2>/dev/null) && is_dockerd "$pid"
}

start_engine() {
  if [ -d /run/systemd/system ]; then
    as_root systemctl start docker
    return
  fi
  if engine_is_starting; then return; fi
  forget_dead_engine
  # A session of its own and none of our files: it has to outlive this script and whoever waits for its output.
  # shellcheck disable=SC2016 # $1 is expanded by the inner shell
  as_root sh -c 'setsid dockerd >>"$1" 2>&1 </dev/null &' sh "$log"
}

wait_for_engine() {
  tries=300
  until answers; do
    tries=$((tries - 1))
    if [ "$tries" = 0 ]; then return 1; fi
    sleep 0.2
  done
}

explain_silence() {
  if [ "$(id -u)" != 0 ] && as_root docker version >/dev/null 2>&1; then
    fail "the Docker engine runs, but $(id -un) may not use it: add the user to the group docker and log in again."
  fi
  as_root tail -n 20 "$log" >&2 2>/dev/null || true
  fail "the Docker engine was started, but does not answer; its log is $log or \`journalctl -u docker\`."
}

if answers; then exit 0; fi

if [ -n "${DOCKER_HOST:-}" ]; then
  fail "the Docker engine at DOCKER_HOST=$DOCKER_HOST does not answer: start it, or unset DOCKER_HOST."
fi

if command -v dockerd >/dev/null; then
  agree 'Start the one that is installed'
elif has_apt; then
  agree 'Install the package docker.io and start it'
  install_engine
else
  fail 'no Docker engine answers: install and start Docker (Docker Desktop, or your distribution'"'"'s package).'
fi
start_engine
wait_for_engine || explain_silence
