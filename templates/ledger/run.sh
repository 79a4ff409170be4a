# What the steps of a run do here, each under the lock and while the lease is its own.

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
  rm -rf "$new" && mkdir "$new" && put "$new/target" "$2" && put "$new/token" "$1" || return 1
  [ "$3" = - ] || put "$new/together" "$3" || return 1
  [ -z "$4" ] || put "$new/$4" "$5" || return 1
  sync "$new" "${boot_unit%/*}" "${boot_link%/*}" && mv -T "$new" "$state/uncommitted" && sync "$state"
}

# begin <token> <advert interval, or ->: from here on this node goes back by itself. Standard input is all that the run may touch, as for
# `capture`. The interval, milliseconds, is given where all nodes must agree on what changes. Returns 1 where the run has lost its lease.
begin() {
  lock 20 && holds "$1" || return 1
  origin=$state/generations/0
  mkdir -p "$origin" && touch "$origin/manifest" && sync "$state/generations" || return 2
  # A run that was cut off when it had been confirmed is over.
  confirmed
  case $? in
    0) tidy && finish || return 2 ;;
    2) return 2 ;;
  esac
  [ -e "$state/uncommitted" ] || disown || return 2
  own && sync "$origin/files" "$origin" || return 2
  interval=$2
  [ "$interval" = - ] || longer_interval "$interval" || return 2
  if [ -e "$state/uncommitted" ]; then
    # What every node had recorded of a lost run is not what this one will leave.
    unprepare || return 2
    [ "$interval" = - ] || put "$state/uncommitted/together" "$interval" || return 2
    put "$state/uncommitted/token" "$1" || return 2
    return 0
  fi
  current && arm "$1" "$found" "$interval" || return 2
}

# unprepare: nobody keeps the run under way any more
unprepare() {
  rm -f "$state/uncommitted/prepared" "$state/uncommitted/kept" && sync "$state/uncommitted"
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
  lock 60 && holds "$1" || return 1
  mkdir -p "$state/generations/0" && touch "$state/generations/0/manifest" && current || return 2
  if [ "$2" -le "$found" ]; then
    echo "generation $found is there already: another run has made it"
    return 2
  fi
  made=$state/generations/$2
  rm -rf "$made.new" || return 2
  if [ -n "$4" ]; then
    sound "$4" && cp -a "$state/generations/$4" "$made.new" && find "$made.new" -type f -exec sync {} + || return 2
  else
    mkdir "$made.new" && capture "$made.new" && echo end >>"$made.new/manifest" && sync "$made.new/manifest" || return 2
  fi
  printf %s "$3" | base64 -d >"$made.new/head" && sync "$made.new/head" "$made.new/files" "$made.new" "$state/generations" || return 2
}

# prepare <token> <generation>: every node has recorded it. From here on this node keeps what it has when the run is lost, unless the
# holder of the VIP went back.
prepare() {
  lock 60 && holds "$1" || return 1
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
  lock 60 && holds "$1" || return 1
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
  lock 60 && holds "$1" || return 1
  confirmed && tidy && finish || return 2
  give_back "$1"
}

# finish: nothing goes back any more
finish() {
  # First what decides it, last what a boot would do the rest by.
  rm -rf "$state/finished" || return 1
  if [ -e "$state/uncommitted" ]; then mv -T "$state/uncommitted" "$state/finished" && sync "$state" || return 1; fi
  sweep && rm -f "$runtime/due" "$boot_unit.new" "$boot_unit" "$boot_link"
}

# sweep: what was being written when somebody was cut off
sweep() {
  rm -rf "$state"/*.new "$state"/*/*.new "$state/generations"/*/*.new "$state/touched" "$state/finished" || return 1
  [ -e "$state/generations/0/manifest" ] || return 0
  while read -r swept_kind _ _ swept_path; do
    [ "$swept_kind" = path ] || continue
    beside=${swept_path%/*}/.ha-deploy.revert
    [ ! -e "$beside" ] && [ ! -L "$beside" ] || rm -rf "$beside" || return 1
  done <"$state/generations/0/manifest"
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

# check <generation|target>: whether this node could be made what that generation says; says what is in the way. Behind a fence, which
# has the lock. Returns 3 for a generation that is damaged, 4 where a daemon refuses it, 5 where that cannot be told.
check() {
  generation=$1
  if [ "$1" = target ]; then
    [ -e "$state/uncommitted" ] || return 0
    number_in "$state/uncommitted/target" || return 1
    generation=$found
  fi
  sound "$generation" || return 3
  accepted "$generation" live
  case $? in 0) ;; 1) return 4 ;; *) return 5 ;; esac
}

# revert <live|boot> <why>: back to the last good generation. Fails, and stays due, where anything could not be put back.
revert() {
  [ -e "$state/uncommitted" ] || return 0
  [ -e "$state/uncommitted/target" ] && number_in "$state/uncommitted/target" && target=$found || return 1
  # Whoever goes on where this is cut off must not keep what has gone back by half.
  unprepare || return 1
  # A run that is undone after it was confirmed here, as another node could not.
  current || return 1
  [ "$found" = "$target" ] || point_to "$target" || return 1
  # In memory: a full disk must not keep anything from going back.
  restore "$target" "$1" >"$runtime/did" 2>&1
  restored=$?
  if [ "$restored" != 0 ]; then
    cp "$runtime/did" "$runtime/due"
    return 1
  fi
  # A node that the run had not come to yet is as it was.
  [ ! -s "$runtime/did" ] || tell_reverted "$target" "$2"
  finish
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
  lock 60 && holds "$1" || return 1
  rm -f "$runtime/did"
  if ! revert live 'the run gave up'; then
    cat "$runtime/did"
    return 2
  fi
  if ! take_part "$1" meant >"$runtime/said"; then
    [ -s "$runtime/said" ] || echo 'waits=whether it may take part could not be found out'
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
  [ -e "$state/generations/$1/manifest" ] && sound "$1" || return 3
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
  lock 60 && holds "$1" || return 1
  if [ -e "$state/generations/0/manifest" ]; then
    if [ -e "$state/uncommitted" ]; then
      unprepare || return 1
    else
      disown && current && arm "$1" "$found" - || return 1
    fi
    restore_and_tell 0 && point_to 0 || return 2
    if [ "$2" = purge ]; then
      packages=$(sed -n 's/^package \([^ ]*\) absent$/\1/p' "$state/generations/0/manifest") || return 1
      # shellcheck disable=SC2086 # a list of words
      [ -z "$packages" ] || DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 purge $packages || return 4
      # What stood there before the package came is taken by it when it goes.
      restore_and_tell 0 || return 2
    fi
  fi
  finish || return 2
  rm -rf "${state:?}" "$flags/haproxy-serving" "$flags/maintenance" "$flags/standing-back" || return 2
  give_back "$1"
}
