#!/bin/sh
# All of it, also from a fresh clone: dependencies, build, checks, unit tests, those of the scripts that hosts keep, the e2e
# tests in their lab, and runs under faults.
# HA_DEPLOY_TEST_BASES, a list such as `debian:11 debian:13`, runs the e2e tests once for each of these bases;
# otherwise those of the main job run once, on HA_DEPLOY_LAB_BASE or the lab's own default:
# HA_DEPLOY_E2E names their files, and `all` is all of them. Where neither names a base, the short path follows on those of
# HA_DEPLOY_SHORT_BASES, by default the oldest and the newest that we know.
# The torture test follows, for three minutes; HA_DEPLOY_TORTURE_MINUTES says for how long, and 0 for not at all.
# Properties are tried on all cases here, and on a quarter of them by `npm run check` alone.
# The last line it prints is `N passed, N failed`.
set -u
cd "$(dirname "$0")/.." || exit

export HA_DEPLOY_THOROUGH=1
# A sample of the ledger's commands fails or is killed, another one each time; its seed is printed.
export HA_DEPLOY_FAIL_POINTS="${HA_DEPLOY_FAIL_POINTS-sample}"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM HUP

# stage <name> <command…>: runs it, with its test report in $results/<name>.json and its exit code in $results/<name>.exit
stage() {
  name=$1
  shift
  echo "== $name"
  HA_DEPLOY_TEST_REPORT=$results/$name.json "$@"
  code=$?
  echo "$code" >"$results/$name.exit"
  return "$code"
}

# What differs from release to release, once through.
short_path() {
  [ -z "${HA_DEPLOY_LAB_BASE:-}" ] || return
  [ -z "${HA_DEPLOY_E2E:-}" ] || return
  for base in ${HA_DEPLOY_SHORT_BASES-debian:11 debian:13}; do
    (export HA_DEPLOY_LAB_BASE="$base" && stage "e2e, short, on $(echo "$base" | tr '/' '-')" npm run e2e -- e2e/13)
  done
}

end_to_end() {
  if [ -z "${HA_DEPLOY_TEST_BASES:-}" ]; then
    e2e_files=${HA_DEPLOY_E2E:-e2e/01 e2e/02 e2e/03 e2e/04 e2e/05 e2e/06 e2e/07 e2e/15 e2e/17 e2e/24 e2e/remote}
    [ "$e2e_files" = all ] && e2e_files=
    # shellcheck disable=SC2086 # a list of words
    stage e2e npm run e2e -- $e2e_files
    short_path
    return
  fi
  for base in $(echo "$HA_DEPLOY_TEST_BASES" | tr ',' ' '); do
    export HA_DEPLOY_LAB_BASE="$base"
    stage "e2e on $(echo "$base" | tr '/' '-')" npm run e2e
  done
}

# Another seed each time; it is the first line that this prints.
torture() {
  [ -z "${HA_DEPLOY_TEST_BASES:-}" ] || return 0
  minutes=${HA_DEPLOY_TORTURE_MINUTES:-3}
  [ "$minutes" = 0 ] || stage torture npm run torture -- --minutes "$minutes"
}

if ! sh scripts/dependencies.sh; then
  echo 'The dependencies could not be installed; nothing was tested.' >&2
  echo '0 passed, 1 failed'
  exit 1
fi

# The checks include the build; without them passing, the lab would test something else than what is there.
stage check npm run check && stage scripts npm run scripts && { end_to_end; torture; }
node_modules/.bin/jiti test/summary.ts "$results"
