# What the steps of a run do here. Each holds the lock, or runs behind a fence, which does, while that run has the lease. The watch and
# the boot use some of them when there is no lease any more.

# arm <token> <target> <longest advert interval, or -> [file text]: from here on this node decides by itself when the lease runs out, and
# at boot. All of it is there at once, or nothing.
arm() {
  mkdir -p "${boot_link%/*}" && store "$boot_unit" <<UNIT && ln -sfn "$boot_unit" "$boot_link" || return 1
# Written by ha-deploy for as long as a run is under way.
[Unit]
Description=Undo a run of ha-deploy that was not confirmed
RequiresMountsFor=$state
Before=haproxy.service keepalived.service
StartLimitIntervalSec=0
[Service]
Type=oneshot
Restart=on-failure
RestartSec=5
OOMScoreAdjust=-1000
ExecStart=/bin/sh $state/ledger.sh boot
UNIT
  new=$state/uncommitted.new
  rm -rf "$new" && mkdir "$new" && put "$new/target" "$2" && put "$new/token" "$1" && put "$new/seconds" "$lease_seconds" && put "$new/to-return" yes || return 1
  [ "$3" = - ] || put "$new/together" "$3" || return 1
  [ -z "$4" ] || put "$new/$4" "$5" || return 1
  sync "$new" "${boot_unit%/*}" "${boot_link%/*}" && mv -T "$new" "$state/uncommitted" && sync "$state"
}

# begin <token> <advert interval, or ->: from here on this node goes back by itself. Standard input is all that the run may touch, as for
# `capture`. The interval, milliseconds, is given where all nodes must agree on what changes. Returns 1 where the run has lost its lease.
begin() {
  held "$1" 20 || return
  origin=$state/generations/0
  mkdir -p "$origin" && touch "$origin/manifest" && sync "$state/generations" || return 2
  interval=$2
  [ "$interval" = - ] || longer_interval "$interval" || return 2
  close_confirmed || return 2
  # Of what the lost run changed, others may still say what they said then.
  if [ "$carried" != 0 ]; then
    [ "$interval" != - ] && [ "$interval" -ge "$carried" ] || interval=$carried
  fi
  [ -e "$state/uncommitted" ] || disown || return 2
  own && sync "$origin/files" "$origin" || return 2
  if [ -e "$state/uncommitted" ]; then
    # What every node had recorded of a lost run is not what this one will leave.
    unprepare || return 2
    [ "$interval" = - ] || put "$state/uncommitted/together" "$interval" || return 2
    put "$state/uncommitted/token" "$1" || return 2
    return 0
  fi
  current && arm "$1" "$found" "$interval" || return 2
}

# close_confirmed: a run that was cut off when it had been confirmed is over. Leaves in $carried for how long the node has to listen
# because of the run under way, milliseconds, or 0.
close_confirmed() {
  number_in "$state/uncommitted/together" || return 1
  carried=$found
  confirmed
  case $? in
    0)
      [ -e "$flags/standing-back" ] || carried=0
      tidy && finish
      ;;
    1) ;;
    *) return 1 ;;
  esac
}

# unprepare: nobody keeps the run under way any more, nor has it been undone
unprepare() {
  rm -f "$state/uncommitted/prepared" "$state/uncommitted/kept" || return 1
  [ ! -e "$state/uncommitted/returned" ] || mv -T "$state/uncommitted/returned" "$state/uncommitted/to-return" || return 1
  sync "$state/uncommitted"
}

# confirmed: 0 where the run under way is confirmed, 1 where it is not, or there is none; 2 where nobody can tell
confirmed() {
  [ -e "$state/uncommitted" ] || return 1
  [ -e "$state/uncommitted/target" ] && number_in "$state/uncommitted/target" || return 2
  target=$found
  current || return 2
  [ "$found" != "$target" ]
}

# record <token> <generation> <base64 of its head> <generation or nothing>: what there is now, written down. Standard input is what
# the generation names, as for `capture`, unless it is a copy of an earlier one. Returns 1 where the run has lost its lease.
record() {
  held "$1" 60 || return
  mkdir -p "$state/generations/0" && touch "$state/generations/0/manifest" && current || return 2
  if [ "$2" -le "$found" ]; then
    echo "generation $found already exists: another run made it"
    return 2
  fi
  close_confirmed || return 2
  # This node still has to listen before it takes part, though the run has nothing to do here.
  [ "$carried" = 0 ] || [ -e "$state/uncommitted" ] || { current && arm "$1" "$found" "$carried"; } || return 2
  made=$state/generations/$2
  rm -rf "$made.new" || return 2
  if [ -n "$4" ]; then
    sound "$4" && cp -a "$state/generations/$4" "$made.new" || return 2
    # Generation 0 has no such line, nor has one of a version that knew none.
    last=
    while IFS= read -r line; do last=$line; done <"$made.new/manifest" || return 2
    [ "$last" = end ] || echo end >>"$made.new/manifest" || return 2
    # Nor has either a sum of its files.
    [ -e "$made.new/sums" ] || sum_up "$made.new" || return 2
    find "$made.new" -type f -exec sync {} + || return 2
  else
    mkdir "$made.new" && capture "$made.new" meant && echo end >>"$made.new/manifest" && sync "$made.new/manifest" && sum_up "$made.new" || return 2
  fi
  printf %s "$3" | base64 -d >"$made.new/head" && sync "$made.new/head" "$made.new/files" "$made.new" "$state/generations" || return 2
  # What could not come back must never be the last good state.
  sound "$2.new" || return 2
}

# prepare <token> <generation>: every node has recorded it. From here on this node keeps what it has when the run is lost, unless the
# holder of the VIP went back.
prepare() {
  held "$1" 60 || return
  [ -e "$state/generations/$2.new/head" ] || return 2
  if [ -e "$state/uncommitted" ]; then
    put "$state/uncommitted/prepared" "$2" || return 2
  else
    current && arm "$1" "$found" - prepared "$2" || return 2
  fi
}

# confirm <token> <generation>: what was recorded is the last good state. Until the run is finished it can be taken back. May be asked
# for again. Returns 1 where the run has lost its lease.
confirm() {
  held "$1" 60 || return
  make_current "$2" || return 2
}

# make_current <generation>
make_current() {
  made=$state/generations/$1
  if [ -e "$made.new/head" ]; then
    rm -rf "$made" && mv -T "$made.new" "$made" && sync "$state/generations" || return 1
  fi
  [ -e "$made/head" ] && point_to "$1"
}

# finished <token>: every node has confirmed it; the run is over here
finished() {
  held "$1" 60 || return
  confirmed && tidy && finish || return 2
  give_back "$1"
}

# finish: nothing goes back any more
finish() {
  # First what decides it, last what a boot would do the rest by.
  rm -rf "$state/finished" || return 1
  if [ -e "$state/uncommitted" ]; then mv -T "$state/uncommitted" "$state/finished" && sync "$state" || return 1; fi
  sweep && rm -f "$runtime/due" "$runtime/follows" "$boot_unit.new" "$boot_unit" "$boot_link"
}

# sweep: what was being written when somebody was cut off
sweep() {
  rm -rf "$state"/*.new "$state"/*/*.new "$state/generations"/*/*.new "$state/touched" "$state/finished" || return 1
  rm -f "$runtime/keepalived.new" "$runtime/heeds.new" || return 1
  unstage
}

# tidy: before a confirmed run is finished: of what is over, ten generations are kept, and word of it where this node has confirmed it
# by itself
tidy() {
  rm -f "$state/reverted" || return 1
  if [ -e "$state/uncommitted/kept" ]; then
    store "$state/kept" <"$state/uncommitted/kept" || return 1
  else
    rm -f "$state/kept" || return 1
  fi
  kept=0
  for made in "$state/generations"/*; do
    made=${made##*/}
    case $made in 0 | *[!0-9]*) continue ;; esac
    kept=$((kept + 1))
  done
  while [ "$kept" -gt 10 ]; do
    oldest=
    for made in "$state/generations"/*; do
      made=${made##*/}
      case $made in 0 | *[!0-9]*) continue ;; esac
      [ -n "$oldest" ] && [ "$oldest" -le "$made" ] || oldest=$made
    done
    rm -rf "${state:?}/generations/$oldest" || return 1
    kept=$((kept - 1))
  done
}

# check <generation>: whether this node could be made what that generation says; says what is in the way. Behind a fence, which has the
# lock. Returns what `usable` returns, 6 where a disk is full, 7 where its files cannot be copied to where they belong.
check() {
  usable "$1" || return
  fits "$1"
  case $? in 0) ;; 1) return 6 ;; *) return 7 ;; esac
}

# usable <generation>: the same, whatever room there is. Returns 3 for a generation that is damaged, 4 where a daemon refuses it, 5 where
# that cannot be told.
usable() {
  sound "$1" || return 3
  accepted "$1" live
  case $? in 0) ;; 1) return 4 ;; *) return 5 ;; esac
}

# turn_back <token>: the run gives up, so that nobody keeps it any more; nothing is put back yet. Says what this node is to the VIPs,
# `role=`, and whether it will be on other terms, `terms=`: then it stands back, unless it is the holder. Returns what `usable` returns of
# the generation to which it is to go back, and 1 where the run has lost its lease.
turn_back() {
  held "$1" 60 || return
  [ -e "$state/uncommitted" ] || return 0
  target_of_run || return 5
  # The first needs no disk, and the second no answer of keepalived: neither may keep the other from being done.
  told=yes
  step_aside "$1" && echo "role=$role" && echo "terms=$terms" || told=no
  abandon && [ "$told" = yes ] || return 5
  usable "$target"
}

# target_of_run: the generation to which the run under way goes back, in $target
target_of_run() {
  [ -e "$state/uncommitted/target" ] && number_in "$state/uncommitted/target" && target=$found
}

# abandon: this run will not be the last good state
abandon() {
  unprepare && current || return 1
  [ "$found" = "$target" ] || point_to "$target"
}

# step_aside <token>: before this node goes back to $target. Where that has other terms than what runs, all but the holder stay out of
# elections from here on. Leaves $role and, in $terms, same or other.
step_aside() {
  terms=same
  if ! ask_keepalived; then
    # A run that changed no terms has no others to go back to.
    if [ ! -e "$state/uncommitted/together" ]; then
      role=none
      return 0
    fi
    know_role || return 1
  fi
  terms_of "$target" || return 1
  meant=$found
  if [ "$running" = down ]; then agreement_in "$keepalived_config" || return 1; else found=$running; fi
  [ "$found" != "$meant" ] || return 0
  terms=other
  [ "$role" = master ] || keep_back "$1"
}

# revert <live|boot> <why>: back to the last good generation. Fails, and stays due, where anything could not be put back. The run is
# finished only when this node takes part in elections again: until then it has to listen before it does, also when it boots.
revert() {
  target_of_run || return 1
  heard=
  # Whoever goes on where this is cut off must not keep what has gone back by half.
  abandon || return 1
  # In memory: a full disk must not keep anything from going back.
  restore "$target" "$1" >"$runtime/did" 2>&1
  restored=$?
  if [ "$restored" != 0 ]; then
    cp "$runtime/did" "$runtime/due"
    return 1
  fi
  # A node that the run had not come to yet is as it was.
  [ ! -s "$runtime/did" ] || tell_reverted "$target" "$2"
  mark_returned
}

# mark_returned: by a rename, which takes no room on a full disk. What an earlier version armed has nothing to rename.
mark_returned() {
  [ ! -e "$state/uncommitted/returned" ] || return 0
  if [ -e "$state/uncommitted/to-return" ]; then
    mv -T "$state/uncommitted/to-return" "$state/uncommitted/returned" && sync "$state/uncommitted"
  else
    put "$state/uncommitted/returned" yes
  fi
}

# tell_reverted <generation> <why>: what was put back, for whoever looks next. A full disk may keep that from being told, and nothing else.
tell_reverted() {
  at=$(date +%s) &&
    { echo "why=$2" && echo "at=$at" && echo "to=$1" && sed 's/^/did=/' "$runtime/did"; } >"$runtime/reverted" &&
    store "$state/reverted" <"$runtime/reverted" || rm -f "$state/reverted.new"
}

# undo <token>: the run itself gives up; says what was put back, and what the node waits for where it may not take part again yet: the
# watch goes on with that. Returns 1 where the run has lost its lease, 2 where it stays due.
undo() {
  held "$1" 60 || return
  rm -f "$runtime/did"
  # The VIP may have moved since this node turned back.
  if [ -e "$state/uncommitted" ] && ! { target_of_run && step_aside "$1" && revert live 'the run gave up'; }; then
    [ ! -e "$runtime/did" ] || cat "$runtime/did"
    return 2
  fi
  if take_part "$1" meant >"$runtime/said"; then
    finish || return 2
  else
    [ -s "$runtime/said" ] || echo 'waits=could not find out whether this node may take part'
    sed 's/^/waits=/' "$runtime/said"
  fi
  [ ! -e "$runtime/did" ] || sed 's/^/did=/' "$runtime/did"
  give_back "$1" || return 2
}

# forget <path|sysctl> <name>: as it was before us; from then on this run names it no more, and the next has nothing left to do
forget() {
  case $1 in
    path)
      file_of "$state/generations/0" "$2" || return 1
      source=${found:--}
      alike "$source" "$2" || place "$source" "$2" || return 1
      ;;
    sysctl)
      word_of "$state/generations/0" sysctl "$2" || return 1
      words=$found
      sysctl_file "$2"
      [ -z "$words" ] || printf '%s\n' "$words" >"$found" || return 1
      ;;
  esac
  echo "$1 $2" >>"$state/uncommitted/forgotten"
}

# go <generation>: what that generation has; says what it did. Nothing is confirmed by it.
go() {
  [ -e "$state/generations/$1/manifest" ] || return 3
  sound "$1" || return 5
  # Before us there may have been nothing that could hold a VIP.
  word_of "$state/generations/0" unit keepalived.service || return 1
  [ "$1" != 0 ] || [ "$found" = 'enabled active' ] || return 4
  while read -r kind one number path; do
    case $kind in
      path) printf 'path %s %s\n' "$one" "$path" ;;
      end) ;;
      *) printf '%s %s\n' "$kind" "$one" ;;
    esac || return 1
  done <"$state/generations/$1/manifest" >"$runtime/names" || return 1
  own <"$runtime/names" || return 1
  restore_and_tell "$1" || return 2
}

# restore_and_tell <generation>: fails where anything could not be put back
restore_and_tell() {
  restore "$1" live >"$runtime/did" 2>&1
  restored=$?
  sed 's/^/did=/' "$runtime/did" || return 1
  return "$restored"
}

# member <nodes>: who takes part from now on, in the head of the current generation
member() {
  head=$state/current/head
  [ -e "$head" ] || return 0
  while IFS= read -r line; do
    case $line in
      nodes=*) printf 'nodes=%s\n' "$1" ;;
      *) printf '%s\n' "$line" ;;
    esac || return 1
  done <"$head" >"$head.new" || return 1
  sync "$head.new" && mv -fT "$head.new" "$head"
}

# leave <token> <purge|keep>: what was there before us, and nothing of ours; packages that came with us go only if asked. Who is cut off
# before the first is reached has left nothing.
leave() {
  held "$1" 60 || return
  if [ -e "$state/generations/0/manifest" ]; then
    if [ -e "$state/uncommitted" ]; then
      unprepare || return 2
    else
      disown && current && arm "$1" "$found" - || return 2
    fi
    restore_and_tell 0 && point_to 0 || return 2
    if [ "$2" = purge ]; then
      packages=$(sed -n 's/^package \([^ ]*\) absent$/\1/p' "$state/generations/0/manifest") || return 2
      # shellcheck disable=SC2086 # a list of words
      [ -z "$packages" ] || DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 purge $packages || return 4
      # What stood there before the package came is taken by it when it goes.
      restore_and_tell 0 || return 2
    fi
  fi
  finish || return 2
  rm -rf "${state:?}" "$flags/haproxy-serving" "$flags/maintenance" "$flags/standing-back" "$runtime/heeds" /var/lib/.ha-deploy-trial.* || return 2
  give_back "$1"
}
