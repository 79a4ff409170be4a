#!/bin/sh
# Installs the dependencies when they are missing or older than the lockfile.
set -eu
cd "$(dirname "$0")/.."

installed=node_modules/.package-lock.json
if [ ! -e "$installed" ] || [ -n "$(find package-lock.json -newer "$installed")" ]; then
  npm ci
  # npm keeps the time of the lockfile's making; what counts here is when it was installed.
  touch "$installed"
fi
