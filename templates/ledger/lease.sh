# The lease: one run at a time may change this node.

# holds <token>: 0 where the lease is this run's and has not run out, 1 where it is not, 2 where nobody can tell. Leaves what the
# lease says in $lease_token, $lease_expires and $lease_seconds, and in $lease_lives whether it is anybody's.
holds() {
  lease_token='' lease_expires='' lease_seconds='' lease_lives=no
  if [ ! -e "$runtime/lease" ]; then
    # Given back, or lost with the power.
    number_in "$state/uncommitted/seconds" || return 2
    [ "$found" = 0 ] && lease_seconds=60 || lease_seconds=$found
    return 1
  fi
  while IFS='=' read -r key value; do
    case $key in
      token) lease_token=$value ;;
      expires) lease_expires=$value ;;
      seconds) lease_seconds=$value ;;
    esac
  done <"$runtime/lease" || return 2
  case $lease_expires in '' | *[!0-9]*) return 2 ;; esac
  case ${lease_seconds:=60} in *[!0-9]*) return 2 ;; esac
  [ -n "$lease_token" ] && uptime || return 2
  [ "$found" -lt "$lease_expires" ] || return 1
  lease_lives=yes
  [ "$lease_token" = "$1" ]
}

# held <token> <seconds>: waits that long for the lock; 1 where the run has lost its lease, 2 where that cannot be told
held() {
  lock "$2" || return 2
  holds "$1"
}

# taken_by_another <token>: after `holds`: another run has the node now
taken_by_another() {
  [ "$lease_lives" = yes ] && [ "$lease_token" != "$1" ]
}

# fence <token>: before a step, which holds descriptor 9 until it ends; fails where the run has lost its lease
fence() {
  flock 9 600 && holds "$1"
}

# unless_taken <token>: before a step that tidies up after a run; fails where another run has the node
unless_taken() {
  flock 9 600 || return 1
  holds "$1"
  [ "$?" -ne 2 ] && ! taken_by_another "$1"
}

# take <token> <token to be taken over, or -> <seconds> <adopt|refuse>: makes the node this run's; the rest of the lease is on standard
# input. What a lost run has begun is this run's to finish, or a reason to refuse. Returns 1 where another run has the node, 2 where
# something is being changed at this moment, 3 where it refuses, 74 where it cannot be written down. What a run that is gone was doing
# may be an installation: that is waited for. Says how long this node has been up.
take() {
  [ "$2" = - ] && wait=20 || wait=600
  lock "$wait" && lock_lease || return 2
  holds "$1"
  if [ "$?" -eq 2 ]; then
    echo "$runtime/lease cannot be read"
    return 74
  fi
  ! taken_by_another "$1" || [ "$lease_token" = "$2" ] || return 1
  [ "$4" = adopt ] || [ ! -e "$state/uncommitted" ] || return 3
  # From here on this node does as this run's script says; the run that it was taken from may have been of another version.
  store "$state/ledger.sh" <"$0" || return 74
  number_in "$state/fence" || return 74
  fence=$((found + 1))
  put "$state/fence" "$fence" || return 74
  # A lease has its watch before it is one. Until this step ends the watch waits for the lock.
  watch_over "$1" && uptime || return 74
  { echo "token=$1" && echo "fence=$fence" && echo "seconds=$3" && echo "expires=$((found + $3))" && cat; } >"$runtime/lease.new" &&
    mv -fT "$runtime/lease.new" "$runtime/lease" || return 74
  if ! adopt "$1"; then
    rm -f "$runtime/lease"
    return 74
  fi
  tell_uptime
}

# adopt <token>: what a lost run has left is this run's to finish: what it began, and that it made this node stand back. One that was
# confirmed here is over: nobody else may undo it.
adopt() {
  if [ -e "$state/uncommitted" ]; then
    line_of "$state/uncommitted/token" || return 1
    begun_by=$found
    confirmed
    case $? in
      0)
        # One that still has to listen before it takes part has to do so after this run, too.
        if [ -e "$flags/standing-back" ]; then
          put "$state/uncommitted/token" "$1" || return 1
        elif [ "$begun_by" != "$1" ]; then
          tidy && finish || return 1
        fi
        ;;
      1) put "$state/uncommitted/token" "$1" || return 1 ;;
      *) return 1 ;;
    esac
  fi
  [ -e "$flags/standing-back" ] || return 0
  # Versions that left no token there wrote 1.
  [ -s "$flags/standing-back" ] || echo 2 >"$flags/maintenance" || return 1
  printf '%s\n' "$1" >"$flags/standing-back"
}

# renew <token> <uptime>: the lease lasts until that uptime. The run names a moment, not a length, so a renewal that arrives late extends
# nothing, and the run knows when the lease of a lost node ends.
renew() {
  lock_lease || return 2
  holds "$1" || return
  if [ "$2" -gt "$lease_expires" ]; then
    while IFS= read -r line; do
      case $line in
        expires=*) echo "expires=$2" ;;
        *) printf '%s\n' "$line" ;;
      esac || return 2
    done <"$runtime/lease" >"$runtime/lease.new" && mv -fT "$runtime/lease.new" "$runtime/lease" || return 2
  fi
  tell_uptime
}

# tell_uptime: the clock by which this node's leases end
tell_uptime() {
  read -r exact _ </proc/uptime && echo "uptime=$exact"
}

# give_back <token>: the lease, where it is still that run's; what it has begun goes back at once
give_back() {
  lock_lease || return 1
  holds "$1"
  [ "$?" -ne 2 ] || return 1
  [ "$lease_token" != "$1" ] || rm -f "$runtime/lease" "$runtime/lease.new"
}

# watch_over <token>: each lease has a watch, which the kernel spares when memory is short, and systemd starts again
watch_over() {
  number_in "$state/fence" || return 1
  watch=ha-deploy-watch-$found.service
  systemctl is-active --quiet "$watch" || systemd-run --quiet --collect --unit="$watch" \
    --property=Restart=on-failure --property=RestartSec=1 --property=StartLimitIntervalSec=0 --property=OOMScoreAdjust=-1000 \
    /bin/sh "$state/ledger.sh" watch "$1"
}
