# Elections: whether this node takes part, and on what terms. keepalived itself is asked, never the addresses of the host.
#
# What comes before this file defines: `dump_keepalived`, all that the running daemon says of itself; `hear_adverts <dump> <longest
# interval>`, what others say on the wire, compared with that: same, other, silent or deaf.

# agreement_in <path>: the terms that a configuration of ours names, 8 digits; `foreign` for one that is not ours, `none` where there
# is none
agreement_in() {
  found=none
  [ -e "$1" ] || return 0
  found=foreign
  while read -r config_word config_value _; do
    [ "$config_word" = router_id ] || continue
    agreement_named "$config_value"
    return 0
  done <"$1"
  return 0
}

# agreement_named <router id>
agreement_named() {
  case $1 in
    */ha-deploy:????????????-????????) found=${1##*-} ;;
    *) found=foreign ;;
  esac
}

# ask_keepalived: what runs, in $running: its agreement, `foreign`, or `down`; $router_id; $takes_part, whether it takes part in any
# election; $role, what it is in the first, which decides for all: master, backup or none. Leaves the dump in $runtime/keepalived. Fails
# where it is active, and does not answer.
ask_keepalived() {
  running='' role='' takes_part=no router_id=''
  if ! dump_keepalived >"$runtime/keepalived.new"; then
    rm -f "$runtime/keepalived.new"
    unit_state keepalived.service && [ "$activity" = inactive ] || return 1
    running=down role=none
    return 0
  fi
  # Where it cannot be asked later, the wire is compared with what it said last.
  mv -fT "$runtime/keepalived.new" "$runtime/keepalived" || return 1
  while read -r dump_one dump_two dump_three dump_four; do
    case "$dump_one $dump_two $dump_three" in
      'Router ID =') router_id=$dump_four && agreement_named "$dump_four" && running=$found ;;
      'State = MASTER') takes_part=yes role=${role:-master} ;;
      'State = BACKUP') takes_part=yes role=${role:-backup} ;;
      'State = FAULT' | 'State = INIT') role=${role:-none} ;;
    esac
  done <"$runtime/keepalived" || return 1
  [ -n "$running" ]
}

# know_role: after `ask_keepalived` has failed: $role as the wire has it. Where nobody else holds the VIP, this node counts as the holder. It
# may well be, and must not give the VIP up for want of disk space.
know_role() {
  # It has never answered: there is nothing to compare the wire with.
  if [ ! -e "$runtime/keepalived" ]; then
    role=none
    return 0
  fi
  hear || return 1
  case $heard in
    same | other) role=backup ;;
    silent) role=master ;;
    *) role=none ;;
  esac
}

# terms_of <generation>: the agreement of its keepalived.conf, as `agreement_in`
terms_of() {
  text_of "$1" "$keepalived_config" || return 1
  case $found in
    '') agreement_in "$keepalived_config" ;;
    -) found=none ;;
    *) agreement_in "$found" ;;
  esac
}

# stand_back <token>: gives the VIPs away and stays out of elections; returns when it does. A node that an operator has in maintenance
# stays there.
stand_back() {
  keep_back "$1" || return 1
  polls=0
  until ask_keepalived && [ "$takes_part" = no ]; do
    [ "$polls" -lt 50 ] || {
      echo 'keepalived does not stand back'
      return 1
    }
    polls=$((polls + 1))
    sleep 0.1
  done
}

# keep_back <token>: the same without waiting for it. The mark comes first: without it nobody would ever clear the flag. A flag that is
# there is not written again: it would be empty for a moment.
keep_back() {
  mkdir -p "$flags" && line_of "$flags/maintenance" || return 1
  [ "$found" != 1 ] || return 0
  printf '%s\n' "$1" >"$flags/standing-back" || return 1
  [ "$found" = 2 ] || echo 2 >"$flags/maintenance"
}

# take_part <token|-> <agreement|meant|there>: lets this node take part again where that run, or with - any, has made it stand back: on proof
# that its keepalived runs the agreement that is meant, and that no holder is on other terms. `meant` is what the generation names to
# which the node is due to go back, else `there`, what its configuration says. Returns 3, and says why, where that is not so yet.
take_part() {
  [ -e "$flags/standing-back" ] || return 0
  line_of "$flags/standing-back" || return 1
  [ "$1" = - ] || [ -z "$found" ] || [ "$found" = "$1" ] || return 0
  case $2 in
    meant) meant_here || return 1 ;;
    there) agreement_in "$keepalived_config" || return 1 ;;
    *) found=$2 ;;
  esac
  meant=$found
  ask_keepalived || {
    echo 'keepalived does not answer'
    return 3
  }
  case $running in
    # It will read what is there, which has to be what is meant. At boot it is still to come, and the network with it.
    down)
      agreement_in "$keepalived_config" || return 1
      [ "$found" = "$meant" ] || {
        echo "keepalived is down, and its file is not the one it should run"
        return 3
      }
      yet_to_start
      case $? in
        0)
          echo 'keepalived has yet to start'
          return 3
          ;;
        2) return 1 ;;
      esac
      ;;
    "$meant") no_other_holder || return 3 ;;
    *)
      echo "keepalived runs $running but should run $meant"
      return 3
      ;;
  esac
  # An operator may have put it into maintenance since.
  line_of "$flags/maintenance" || return 1
  [ "$found" = 1 ] || echo 0 >"$flags/maintenance" || return 1
  rm -f "$flags/standing-back"
}

# meant_here: the agreement that this node should run
meant_here() {
  confirmed
  case $? in
    0)
      agreement_in "$keepalived_config"
      return
      ;;
    2) return 1 ;;
  esac
  if [ -e "$state/uncommitted" ] && [ ! -e "$state/uncommitted/prepared" ]; then terms_of "$target"; else agreement_in "$keepalived_config"; fi
}

# yet_to_start: whether keepalived is enabled and down, and should run; 2 where that cannot be told
yet_to_start() {
  unit_state keepalived.service || return 2
  [ "$enablement" = enabled ] || return 1
  current && wanted_of "$found" unit keepalived.service || return 2
  [ "$found" != 'enabled inactive' ]
}

# no_other_holder: after `ask_keepalived`: nobody is heard who holds what this node may hold, and on other terms. A foreign keepalived
# does not look at our flags.
no_other_holder() {
  [ "$running" != foreign ] || return 0
  # What has been heard just now is not listened for again.
  [ "$heard" = silent ] || hear || return 1
  case $heard in
    same | silent) ;;
    other)
      echo "another node holds a VIP of this node on other terms; that node has to go back first"
      return 1
      ;;
    *)
      echo "the network is down, so this node cannot hear who holds the VIP"
      return 1
      ;;
  esac
}

heard=

# hear: what a holder says on the wire, in $heard
hear() {
  number_in "$state/uncommitted/together" || return 1
  if [ "$found" = 0 ]; then
    heeded || return 1
    found=$heeded_interval
  fi
  heard=$(hear_adverts "$runtime/keepalived" "$found" "$keepalived_config")
}

# heeded: on what adverts this node still listens, and until when; 0 and 0 where it does not
heeded() {
  line_of "$runtime/heeds" || return 1
  case $found in
    '') heeded_interval=0 heeded_until=0 ;;
    *[!0-9\ ]* | ' '* | *' ' | *' '*' '*) return 1 ;;
    *' '*) heeded_interval=${found% *} heeded_until=${found#* } ;;
    *) return 1 ;;
  esac
}

# longer_interval <milliseconds>: that advert interval, or the one that keepalived runs now where it is longer, in $interval
longer_interval() {
  interval=$1
  # One that does not answer says nothing to others either.
  ask_keepalived && [ "$running" != down ] || return 0
  while read -r dump_one dump_two dump_three dump_four dump_five; do
    case "$dump_one $dump_two $dump_five" in
      'Advert interval milli-sec') [ "$dump_four" -le "$interval" ] || interval=$dump_four ;;
      'Advert interval sec') [ $((dump_four * 1000)) -le "$interval" ] || interval=$((dump_four * 1000)) ;;
    esac
  done <"$runtime/keepalived"
}
