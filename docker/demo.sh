#!/bin/sh
# From a fresh clone to a load balancer: dependencies, build, three hosts, `ha-deploy up`, and `up` again.
# The hosts stay up for playing until `npm run lab:down`.
set -eu
cd "$(dirname "$0")/.."

lab=.lab/demo
config=$lab/ha-deploy.yaml
program=dist/main.cjs

say() {
  printf '\n== %s\n' "$*"
}

say 'Dependencies and build'
sh scripts/dependencies.sh
npm run --silent build

say 'Three bare hosts, node-101 to node-103'
npm run --silent lab:up

say 'The cluster'
cat "$config"

up() {
  "$program" up --config "$config" && return
  code=$?
  echo "The hosts stay up. Continue there with: $program up --config $config"
  exit "$code"
}

say 'ha-deploy up'
up

say 'ha-deploy up, again'
up

vip=$(sed -n 's/^vip: *//p' "$config")
node=$(sed -n 's/^  node-101: *//p' "$config")
cat <<END

The cluster is up: the VIP $vip answers on port 8443, and goes on to port 6443 of the three hosts.

What to try next:

  Ask it which host answers:
    curl -s http://$vip:8443/
  Look at it as a whole:
    $program verify --config $config
  Log in to the holder of the VIP and break something, such as \`sudo systemctl stop keepalived\` (the VIP moves to
  node-102) or \`sudo rm /etc/haproxy/haproxy.cfg\`:
    ssh -i $lab/id_ed25519 -o UserKnownHostsFile=$lab/known_hosts ops@$node
  See what is no longer as it should be, and repair it:
    $program plan --config $config
    $program up --config $config
  Remove the hosts:
    npm run lab:down
END
