#!/bin/sh
# From a fresh clone to a load balancer: dependencies, build, three hosts, `ha-deploy up`, and `up` again.
# The hosts stay up for playing until `npm run lab:down`.
set -eu
cd "$(dirname "$0")/.."

lab=.lab/demo
config=$lab/ha-deploy.yaml
program=dist/main.cjs
log=.lab/demo.log

say() {
  printf '\n== %s\n' "$*"
}

say 'Dependencies and build'
sh scripts/dependencies.sh
npm run --silent build
mkdir -p .lab

say 'Three bare hosts, node-101 to node-103'
npm run --silent lab:up >"$log" 2>&1 || { cat "$log" && exit 1; }
grep '^node-' "$log"

say 'The cluster'
cat "$config"

name=$(sed -n 's/^name: *//p' "$config")

# Every step is in the log; here stand what was to be done, and how it ended.
up() {
  say "$program up --config $config"
  if ! "$program" up --config "$config" >"$log" 2>&1; then
    cat "$log"
    echo "The hosts stay up. Continue there with the same command."
    exit 1
  fi
  grep -E '^node-[0-9]+ +(ok|plan) .*changes' "$log" || :
  grep "^$name: " "$log"
}
up
up

vip=$(sed -n 's/^vip: *//p' "$config")
node=$(sed -n 's/^  node-101: *//p' "$config")
say "$program verify --config $config"
"$program" verify --config "$config" | grep -v '^node-'

say "curl -s http://$vip:8443/, three times"
for _ in 1 2 3; do curl -s "http://$vip:8443/"; done

cat <<END

What to try next (each with \`--config $config\`; every step of the last run is in $log):

  $program status        who holds the VIP, and how everything is
  $program failover      move the VIP, and lose no request
  $program drill         break the holder in every way, and time what clients notice
  $program plan          what \`up\` would repair, after you have broken something:
    ssh -i $lab/id_ed25519 -o UserKnownHostsFile=$lab/known_hosts ops@$node sudo systemctl stop haproxy
  npm run lab:down             remove the hosts
END
