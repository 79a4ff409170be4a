# What a node does by itself when the run is lost. docs/runs.md promises it, in a table.

# watch <token>: for as long as the run lives, nothing. When its lease runs out or is given back, what it has left is seen to, again and
# again until nothing is left; what cannot be found out is no reason to end. It acts only under the lock, after it has looked again.
watch() {
  lapsed='' pause=1
  while :; do
    holds "$1"
    case $? in
      1)
        ! taken_by_another "$1" || return 0
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

# see_to <token> <seconds since boot>: after a run whose lease ended then. Returns 0 where nothing is left of it, 9 where it is too early
# for the next step.
see_to() {
  holds "$1"
  case $? in 0 | 2) return 9 ;; esac
  ! taken_by_another "$1" || return 0
  if [ -e "$state/uncommitted" ]; then
    line_of "$state/uncommitted/token" || return 1
    [ -z "$found" ] || [ "$found" = "$1" ] || return 0
    conclude "$1" "$2" || return
  fi
  take_part "$1" meant >"$runtime/due" || { cat "$runtime/due" && return 1; }
  rm -f "$runtime/due" || return 1
  lock_lease || return 1
  holds "$1"
  [ "$lease_token" != "$1" ] || rm -f "$runtime/lease"
}

# conclude <token> <seconds since boot>: the end of a run that cannot end itself: it was confirmed here, or it is undone, or, where every
# node had written it down, kept. Where all nodes must agree on what it changed, the holder of the VIP decides for all: the others stand
# back at once, and follow what they hear of it.
conclude() {
  confirmed
  case $? in
    0)
      finish && tidy
      return
      ;;
    2) return 1 ;;
  esac
  if [ ! -e "$state/uncommitted/together" ]; then
    if [ -e "$state/uncommitted/prepared" ]; then keep; else revert live 'the run was lost'; fi
    return
  fi
  # The last nodes to hear of the run may have done so a heartbeat later than this one, and must have stood back.
  grace=$((lease_seconds / 4 + 2))
  uptime || return 1
  since=$((found - $2))
  # One that is busy is asked again: of a holder nobody may suppose that it is none.
  ask_keepalived || [ "$since" -ge "$grace" ] || return 9
  if [ "$role" = master ]; then
    if [ -e "$state/uncommitted/prepared" ]; then
      keep
      return
    fi
    [ "$since" -ge "$grace" ] || return 9
    revert live 'the run was lost'
    return
  fi
  keep_back "$1" || return 1
  # What this node has not written down cannot have been confirmed anywhere. Of the rest nobody knows yet what became of it.
  if [ ! -e "$state/uncommitted/recorded" ]; then
    revert live 'the run was lost'
    return
  fi
  heard=deaf
  [ "$running" = down ] || [ -z "$running" ] || hear || return 1
  case $heard in
    # The holder has gone back.
    other) revert live 'the run was lost' ;;
    # It has not, and would have by then.
    same) if [ "$since" -ge $((3 * grace)) ]; then keep; else return 9; fi ;;
    # There is none, so that somebody has to.
    silent) if [ -e "$state/uncommitted/prepared" ]; then keep; elif [ "$since" -ge $((3 * grace)) ]; then revert live 'the run was lost'; else return 9; fi ;;
    *) if [ "$since" -ge $((3 * grace)) ]; then revert live 'the run was lost'; else return 9; fi ;;
  esac
}

# keep: every node had written down what the run did; so it stays, and is the last good state
keep() {
  number_in "$state/uncommitted/recorded" || return 1
  made=$found
  number_in "$state/uncommitted/prepared" || return 1
  [ "$found" = 0 ] || made=$found
  [ "$made" != 0 ] || return 1
  at=$(date +%s) || return 1
  make_current "$made" && finish && tidy && put "$state/kept" "$made $at"
}

# boot: before both daemons start. Where all nodes must agree on what the run changed, this one stands back until it has heard what
# became of that. What cannot be done by then is left to a watch.
boot() {
  line_of "$state/uncommitted/token" || return 1
  token=$found
  (lock 60 && at_boot "$token")
  [ ! -e "$state/uncommitted" ] && [ ! -e "$flags/standing-back" ] || watch_over "$token"
}

# at_boot <token>
at_boot() {
  confirmed
  case $? in
    0)
      finish
      return
      ;;
    1) [ -e "$state/uncommitted" ] || return 0 ;;
    *) return 1 ;;
  esac
  if [ -e "$state/uncommitted/together" ]; then
    keep_back "$1" || return 1
    [ ! -e "$state/uncommitted/recorded" ] || return 0
  elif [ -e "$state/uncommitted/prepared" ]; then
    keep
    return
  fi
  revert boot 'the node booted before the run was confirmed'
}
