# What a node does by itself when the run is lost. docs/runs.md promises it, in a table.

# watch <token>: for as long as the run lives, nothing. When its lease runs out or is given back, what was left is seen to, again and
# again until nothing is left; what cannot be found out is no reason to end. It acts, and ends, only under the lock, after it has looked
# again: a run that is taking the node over may still die before the lease is its own.
watch() {
  # To systemd these would be a clean end.
  trap 'exit 1' HUP INT TERM PIPE
  lapsed='' pause=1
  while :; do
    holds "$1"
    case $? in
      1)
        if [ -z "$lapsed" ] && uptime; then lapsed=$found; fi
        if [ -n "$lapsed" ]; then
          (lock 3600 && see_to "$1" "$lapsed")
          case $? in
            0) return 0 ;;
            # Nothing to do but to wait.
            9) pause=1 ;;
            *) pause=3 ;;
          esac
        fi
        ;;
      *) lapsed='' pause=1 ;;
    esac
    sleep "$pause"
  done
}

# see_to <token> <seconds since boot>: after a run whose lease ended then. What is left may be another's, which had been taken over, or
# was to take over, and is lost as well. Returns 0 where nothing is left, or another run has the node, 9 where it is too early for the
# next step.
see_to() {
  holds "$1"
  case $? in 0 | 2) return 9 ;; esac
  ! taken_by_another "$1" || return 0
  lapsed_at=$2
  [ -z "$lease_expires" ] || [ "$lease_expires" -le "$lapsed_at" ] || lapsed_at=$lease_expires
  # The leases of others may end a heartbeat later than this one, a quarter of a lease; by then they have stood back.
  grace=$((lease_seconds / 4 + 2))
  # And by then the holder has gone back, whatever is heard.
  holder_is_back=$((grace + 5))
  [ ! -e "$state/uncommitted/together" ] || printf '' >"$runtime/follows" || return 1
  [ ! -e "$state/uncommitted" ] || conclude "$1" "$lapsed_at" || return
  heard=
  follows "$lapsed_at" || return
  if ! take_part - meant >"$runtime/due"; then
    cat "$runtime/due"
    return 1
  fi
  heeds_from_now && finish && lock_lease && rm -f "$runtime/lease" "$runtime/lease.new" || return 1
  heed "$1"
}

# heeds_from_now: where this node has kept a run that changed the terms, notes until when others may go back from it: a run that lives
# waits for the end of this lease, and is lost then, and the lease of the holder ends a whole one later.
heeds_from_now() {
  [ -e "$state/uncommitted/together" ] && [ ! -e "$state/uncommitted/returned" ] || return 0
  number_in "$state/uncommitted/together" && heeded_interval=$found && uptime || return 1
  put "$runtime/heeds" "$heeded_interval $((found + 2 * lease_seconds + holder_is_back))"
}

# heed <token>: until then this node serves, and listens on: it stands back where a holder is heard on other terms. Returns 9 where it
# has to go on with that.
heed() {
  heeded || return 1
  [ "$heeded_until" != 0 ] || return 0
  uptime || return 1
  if [ "$found" -ge "$heeded_until" ]; then
    rm -f "$runtime/heeds"
    return
  fi
  give_way "$1" || return 1
  return 9
}

# conclude <token> <seconds since boot>: the end of a run that cannot end itself: it was confirmed here, or it is undone, or, where every
# node had recorded it, kept. Where all nodes must agree on what it changed, the others stand back at once, and the holder of the VIP goes
# back when they have. The run is finished when this node takes part again.
conclude() {
  [ ! -e "$state/uncommitted/returned" ] || return 0
  confirmed
  case $? in
    0)
      # By a run that others may have undone since, as one of them could not confirm it.
      if [ -e "$state/uncommitted/together" ] && [ ! -e "$flags/standing-back" ]; then give_way "$1" || return 1; fi
      tidy
      return
      ;;
    2) return 1 ;;
  esac
  if [ ! -e "$state/uncommitted/together" ]; then
    if [ -e "$state/uncommitted/prepared" ]; then keep; else undo_lost; fi
    return
  fi
  uptime || return 1
  since=$((found - $2))
  # Never assume that a silent node is not the holder.
  if ! ask_keepalived; then
    [ "$since" -ge "$grace" ] || return 9
    know_role || return 1
  fi
  if [ "$role" = master ]; then
    if [ -e "$state/uncommitted/prepared" ]; then
      give_way "$1" || return 1
      if [ "$heard" = other ]; then undo_lost; else keep; fi
      return
    fi
    [ "$since" -ge "$grace" ] || return 9
    undo_lost
    return
  fi
  keep_back "$1" || return 1
  # The holder hears first that every node has recorded the run. So without word of that nobody but the holder can have kept it.
  if [ ! -e "$state/uncommitted/prepared" ]; then
    undo_lost
    return
  fi
  # With word of it the holder keeps it. If another has become the holder meanwhile, that one may go back.
  heard=deaf
  [ "$running" = down ] || [ -z "$running" ] || hear || return 1
  case $heard in
    other) undo_lost ;;
    # There is no holder, so this node must serve.
    silent) keep ;;
    *) if [ "$since" -ge "$holder_is_back" ]; then keep; else return 9; fi ;;
  esac
}

# give_way <token>: of two that hold the VIP on different terms this node, which is about to keep its own, stays out of elections. What was
# heard is left in $heard.
give_way() {
  heard=silent
  ask_keepalived || return 1
  [ "$running" != down ] || return 0
  hear || return 1
  [ "$heard" != other ] || keep_back "$1"
}

# undo_lost: back to the last good generation
undo_lost() {
  revert live 'the run ended before it was confirmed'
}

# follows <seconds since boot>: after a run that changed the terms, whether this node need not wait for the holder any more: it has gone
# back by now, or there is none. What it says on the wire may not tell, where terms sound the same.
follows() {
  [ -e "$runtime/follows" ] && [ -e "$flags/standing-back" ] || return 0
  uptime || return 1
  [ $((found - $1)) -lt "$holder_is_back" ] || return 0
  ask_keepalived && hear && [ "$heard" = silent ] || return 9
}

# keep: every node had recorded what the run did; so it stays, and is the last good state
keep() {
  number_in "$state/uncommitted/prepared" || return 1
  kept_number=$found
  [ "$kept_number" != 0 ] && kept_at=$(date +%s) || return 1
  put "$state/uncommitted/kept" "$kept_number $kept_at" && make_current "$kept_number" && tidy
}

# boot: before both daemons start. Where all nodes must agree on what the run changed, this one stands back until it has heard what
# became of that. What cannot be done by then is left to a watch.
boot() {
  line_of "$state/uncommitted/token" || return 1
  token=$found
  (lock 60 && at_boot "$token")
  code=$?
  [ -e "$state/uncommitted" ] || [ -e "$flags/standing-back" ] || return "$code"
  watch_over "$token"
}

# at_boot <token>
at_boot() {
  # In the middle of a run: somebody starts all that a boot starts.
  holds "$1"
  [ "$?" -ne 2 ] || return 1
  [ "$lease_lives" = no ] || return 0
  # One that was cut off when it had been finished.
  if [ ! -e "$state/uncommitted" ]; then
    finish
    return
  fi
  if [ -e "$state/uncommitted/together" ]; then
    keep_back "$1" && printf '' >"$runtime/follows" || return 1
  elif [ -e "$state/uncommitted/returned" ]; then
    keep_back "$1" || return 1
  fi
  conclude_at_boot && { [ -e "$flags/standing-back" ] || finish; }
}

# conclude_at_boot: as `conclude`, before any daemon runs
conclude_at_boot() {
  [ ! -e "$state/uncommitted/returned" ] || return 0
  confirmed
  case $? in
    0)
      tidy
      return
      ;;
    2) return 1 ;;
  esac
  if [ ! -e "$state/uncommitted/prepared" ]; then
    revert boot 'the node booted before the run was confirmed'
  elif [ ! -e "$state/uncommitted/together" ]; then
    keep
  fi
}
