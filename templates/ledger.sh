# Written by ha-deploy. How a node remembers what was done to it, and goes back by itself when a run is lost.
# `sh ledger.sh <function> <arguments>`: take, begin, fence, renew, record, confirm and undo by the steps of a run; `watch` beside it; `boot` at boot.
#
# /var/lib/ha-deploy/generations/<n>   head: who, when; manifest: what there is of this kind of line:
#     path <readers> <number> <path>   files/<number> is what stands there; `-` where nothing does
#     unit <name> <enabled|disabled|masked> <active|inactive>
#     sysctl <name> <value>
#     package <name> <installed|absent>
# generations/0 is what was there before us, of everything that current names, which is the last one that was confirmed, or that a
# run under way may touch.
# /var/lib/ha-deploy/uncommitted       a run under way: its token, where to go back to, what it has given back already
# /run/ha-deploy-lease/lease                 who may change this node, and until when on the clock of /proc/uptime

state=/var/lib/ha-deploy
runtime=/run/ha-deploy-lease
flags=/run/ha-deploy
boot_unit=/etc/systemd/system/ha-deploy-revert.service
boot_link=/etc/systemd/system/multi-user.target.wants/ha-deploy-revert.service

uptime() {
  read -r seconds _ </proc/uptime
  echo "${seconds%%.*}"
}

# write <path>: standard input, whole and on the disk, or not at all
write() {
  cat >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1"
}

# flock <descriptor> <seconds>: as long as the file that is open there is open in anybody's hands
flock() {
  perl -MFcntl=:flock -e '$SIG{ALRM} = sub { exit 1 }; my ($fd, $seconds) = @ARGV; alarm $seconds; open my $file, ">&=", $fd or exit 1; flock $file, LOCK_EX or exit 1' "$1" "$2"
}

# lock <seconds>: nobody else changes this node until this shell ends
lock() {
  mkdir -p -m 700 "$runtime" && exec 9>>"$runtime/lock" && flock 9 "$1"
}

# The lease may be renewed while a step is under way, which holds the other lock.
lock_lease() {
  exec 8>>"$runtime/lease.lock" && flock 8 20
}

# fence <token>: before a step, which holds descriptor 9 until it ends; fails where the run has lost its lease
fence() {
  flock 9 600 && holds "$1"
}

# unless_taken <token>: before a step that tidies up after a run; fails where another run has the node
unless_taken() {
  flock 9 600 || return 1
  holds "$1" || [ -z "$lease_token" ] || [ "$lease_token" = "$1" ] || [ "$(uptime)" -ge "$lease_expires" ]
}

# holds <token>: the lease is this run's, and has not run out
holds() {
  lease_token='' lease_expires=0
  [ -r "$runtime/lease" ] || return 1
  while IFS='=' read -r key value; do
    case $key in
      token) lease_token=$value ;;
      expires) lease_expires=$value ;;
    esac
  done <"$runtime/lease"
  [ "$lease_token" = "$1" ] && [ "$(uptime)" -lt "$lease_expires" ]
}

# What these find out is in $found: to start a shell for it takes longer than all that they do.

# enablement <unit>
enablement() {
  case $(systemctl is-enabled "$1" 2>/dev/null) in
    enabled | enabled-runtime) found=enabled ;;
    masked | masked-runtime) found=masked ;;
    *) found=disabled ;;
  esac
}

# activity <unit>
activity() {
  case $(systemctl is-active "$1" 2>/dev/null) in
    active | activating | reloading) found=active ;;
    *) found=inactive ;;
  esac
}

# file_of <generation> <path>: where the generation keeps the path; `-` where nothing stood there; nothing where it says nothing
file_of() {
  found=
  [ -r "$1/manifest" ] || return 0
  while read -r of_kind _ of_number of_path; do
    [ "$of_kind" = path ] && [ "$of_path" = "$2" ] || continue
    [ "$of_number" = - ] && found=- || found=$1/files/$of_number
    return
  done <"$1/manifest"
}

# word_of <generation> <kind> <name>: what the generation says of it
word_of() {
  found=
  [ -r "$1/manifest" ] || return 0
  while read -r of_kind of_name of_words; do
    [ "$of_kind" = "$2" ] && [ "$of_name" = "$3" ] && found=$of_words && return
  done <"$1/manifest"
}

# capture <directory>: what there is now of the lines `path <readers> <path>`, `unit <name>`, `sysctl <name>` and
# `package <name>` on standard input, added to the manifest of the directory
capture() {
  mkdir -p "$1/files" && touch "$1/manifest" && cp "$1/manifest" "$1/manifest.new" || return 1
  number=0
  for kept in "$1"/files/*; do
    [ "${kept##*/}" = '*' ] || [ "${kept##*/}" -le "$number" ] || number=${kept##*/}
  done
  while read -r kind one path; do
    number=$((number + 1))
    case $kind in
      path)
        if [ -e "$path" ] || [ -L "$path" ]; then
          cp -a -- "$path" "$1/files/$number" || return 1
          printf 'path %s %s %s\n' "$one" "$number" "$path"
        else
          printf 'path %s - %s\n' "$one" "$path"
        fi
        ;;
      unit)
        enablement "$one"
        enabled=$found
        activity "$one"
        echo "unit $one $enabled $found"
        ;;
      sysctl) echo "sysctl $one $(cat "/proc/sys/$(echo "$one" | tr . /)")" ;;
      package)
        case $(dpkg-query -W -f '${db:Status-Status}' "$one" 2>/dev/null) in
          installed) echo "package $one installed" ;;
          *) echo "package $one absent" ;;
        esac
        ;;
    esac || return 1
  done >>"$1/manifest.new"
  sync "$1/manifest.new" "$1"/files/* 2>/dev/null
  mv -fT "$1/manifest.new" "$1/manifest"
}

# unknown <manifest>: those lines of standard input that the manifest says nothing of
unknown() {
  while read -r kind one path; do
    [ -n "$kind" ] || continue
    known=no
    while read -r of name number at; do
      case $kind in
        path) [ "$of" = path ] && [ "$at" = "$path" ] && known=yes ;;
        *) [ "$of" = "$kind" ] && [ "$name" = "$one" ] && known=yes ;;
      esac
    done <"$1"
    [ "$known" = yes ] || printf '%s %s %s\n' "$kind" "$one" "$path"
  done
}

# disown: what the current generation does not name is nobody's but the host's: how it was is forgotten, so that a run that takes it
# up, for the first time or again, notes how it is by then. Packages that came with us have come with us.
disown() {
  while read -r line; do
    case $line in
      'path '*) file_of "$state/current" "${line#path * * }" ;;
      'package '*) found=always ;;
      *) name=${line#* } && word_of "$state/current" "${line%% *}" "${name%% *}" ;;
    esac
    [ -z "$found" ] || printf '%s\n' "$line"
  done <"$state/generations/0/manifest" | write "$state/generations/0/manifest"
}

# own: what is there now, of those lines of standard input of which nobody noted yet how they were before us
own() {
  unknown "$state/generations/0/manifest" >"$state/touched" && capture "$state/generations/0" <"$state/touched" && rm -f "$state/touched"
}

# alike <source> <path>
alike() {
  if [ "$1" = - ]; then
    [ ! -e "$2" ] && [ ! -L "$2" ]
    return
  fi
  both=$(stat -c '%f %U:%G' -- "$1" "$2" 2>/dev/null) || return 1
  [ "${both%%
*}" = "${both##*
}" ] || return 1
  if [ -L "$1" ]; then
    [ "$(readlink -- "$1")" = "$(readlink -- "$2")" ]
  else
    cmp -s -- "$1" "$2"
  fi
}

# place <source> <path>: in one rename
place() {
  folder=${2%/*}
  folder=${folder:-/}
  if [ "$1" = - ]; then
    rm -rf -- "$2" && sync "$folder"
    return
  fi
  beside=$folder/.ha-deploy.revert
  [ -d "$folder" ] || mkdir -p "$folder" || return 1
  [ ! -e "$beside" ] && [ ! -L "$beside" ] || rm -rf "$beside" || return 1
  cp -a -- "$1" "$beside" || { rm -rf "$beside" && return 1; }
  # A link leads elsewhere, or nowhere.
  [ -L "$beside" ] || sync "$beside" || return 1
  [ ! -d "$2" ] || [ -L "$2" ] || rm -rf -- "$2"
  mv -fT -- "$beside" "$2" && sync "$folder"
}

# restore <generation> <live|boot>: everything that generation 0 names, as that generation has it, else as it was before us.
# Says what it did. A service is reloaded where a file of its own came back, and started or stopped as it was. Fails where a file
# could not be put back; a service may have been broken before.
restore() {
  from=$state/generations/$1 origin=$state/generations/0 changed=, failed=0
  while read -r kind readers _ path; do
    [ "$kind" = path ] || continue
    file_of "$from" "$path"
    [ -n "$found" ] || file_of "$origin" "$path"
    source=$found
    alike "$source" "$path" && continue
    place "$source" "$path" || { failed=1 && continue; }
    changed=$changed$readers,
    printf 'file:%s\n' "$path"
  done <"$origin/manifest"
  [ "$changed" = , ] || systemctl daemon-reload
  while read -r kind name _; do
    word_of "$from" "$kind" "$name"
    [ -n "$found" ] || word_of "$origin" "$kind" "$name"
    words=$found
    case $kind in
      sysctl)
        at=/proc/sys/$(echo "$name" | tr . /)
        [ -z "$words" ] || [ "$(cat "$at")" = "$words" ] || { printf '%s\n' "$words" >"$at" && echo "sysctl:$name"; }
        ;;
      unit) restore_unit "$name" "${words% *}" "${words#* }" "$2" ;;
    esac
  done <"$origin/manifest"
  return "$failed"
}

# restore_unit <name> <enablement> <activity> <live|boot>
restore_unit() {
  enablement "$1"
  if [ "$found" != "$2" ]; then
    [ "$2" = masked ] || systemctl unmask --quiet "$1" 2>/dev/null
    case $2 in
      enabled) systemctl enable --quiet "$1" ;;
      disabled) systemctl disable --quiet "$1" 2>/dev/null ;;
      masked) systemctl mask --quiet "$1" ;;
    esac
    echo "unit:$1"
  fi
  case $3 in
    inactive)
      # At boot its start may be due already, from before it was disabled: stopping it takes that back.
      [ "$4" = live ] || systemctl --no-block stop "$1" 2>/dev/null
      activity "$1"
      [ "$found" = inactive ] || { systemctl stop "$1" && echo "unit:$1"; }
      ;;
    active)
      # At boot it comes by its own enablement, after us.
      [ "$4" = live ] || return 0
      case $changed in
        *,"$1",*) systemctl reload "$1" 2>/dev/null && echo "unit:$1" && return ;;
        *) activity "$1" && [ "$found" != active ] || return 0 ;;
      esac
      systemctl reset-failed "$1" 2>/dev/null
      systemctl restart "$1" && echo "unit:$1"
      ;;
  esac
}

# take <token> <token to be taken over, or -> <seconds>: makes the node this run's; the rest of the lease is on standard input.
# Returns 1 where another run has it, 2 where something is being changed at this moment, 74 where it cannot be written down. What a run
# that is gone was doing may be an installation: that is waited for.
take() {
  [ "$2" = - ] && wait=20 || wait=600
  lock "$wait" && lock_lease || return 2
  holds "$1"
  [ -z "$lease_token" ] || [ "$lease_token" = "$1" ] || [ "$lease_token" = "$2" ] ||
    [ "$(uptime)" -ge "$lease_expires" ] || return 1
  # From here on this node does as this run's script says; the run that it was taken from may have been of another version.
  write "$state/ledger.sh" <"$0" || return 74
  fence=$(($(cat "$state/fence" 2>/dev/null || echo 0) + 1))
  echo "$fence" | write "$state/fence" || return 74
  { echo "token=$1" && echo "fence=$fence" && echo "expires=$(($(uptime) + $3))" && cat; } | write "$runtime/lease" || return 74
  # What a lost run began is this run's to finish.
  [ ! -e "$state/uncommitted" ] || { echo "$1" | write "$state/uncommitted/token" && watch_over "$1"; } ||
    { give_back "$1" && return 74; }
}

# renew <token> <seconds>
renew() {
  lock_lease && holds "$1" || return 1
  sed "s/^expires=.*/expires=$(($(uptime) + $2))/" "$runtime/lease" | write "$runtime/lease"
}

# give_back <token>: the lease, where it is still that run's; what it began goes back at once
give_back() {
  lock_lease
  holds "$1"
  [ "$lease_token" != "$1" ] || rm -f "$runtime/lease"
}

# begin <token> <base64 of a script> <base64 of a script> <VIPs>: from here on this node goes back by itself. Standard input is all
# that the run may touch, as for `capture`. The scripts: how a node stands back from elections, where all nodes must go back together,
# and how it takes part again, wherever a run may have told it to stand back.
begin() {
  lock 20 && holds "$1" || return 1
  origin=$state/generations/0
  mkdir -p "$origin" && touch "$origin/manifest" || return 1
  [ -e "$state/uncommitted" ] || disown || return 1
  own || return 1
  if [ -e "$state/uncommitted" ]; then
    # Another one where the run before was cut off when it had been confirmed.
    current | write "$state/uncommitted/target" || return 1
  else
    rm -rf "$state/uncommitted.new" && mkdir "$state/uncommitted.new" || return 1
    current | write "$state/uncommitted.new/target" && mv -T "$state/uncommitted.new" "$state/uncommitted" || return 1
  fi
  printf %s "$3" | base64 -d | write "$state/uncommitted/release" || return 1
  if [ -n "$2" ]; then
    printf %s "$2" | base64 -d | write "$state/uncommitted/stand-back" &&
      echo "$4" | write "$state/uncommitted/vips" || return 1
  fi
  mkdir -p "$(dirname "$boot_link")" && write "$boot_unit" <<UNIT && ln -sfn "$boot_unit" "$boot_link" || return 1
# Written by ha-deploy for as long as a run is under way.
[Unit]
Description=Undo a run of ha-deploy that was not confirmed
RequiresMountsFor=$state
Before=haproxy.service keepalived.service
[Service]
Type=oneshot
ExecStart=/bin/sh $state/ledger.sh boot
UNIT
  # What was written is on the disk; so are the names of it now.
  sync "$origin/files" "$origin" "$state/generations" "$state/uncommitted" "$state" "${boot_unit%/*}" "${boot_link%/*}" || return 1
  # Last of all, so that nothing of it is armed without the rest.
  echo "$1" | write "$state/uncommitted/token" && watch_over "$1"
}

current() {
  link=$(readlink "$state/current" 2>/dev/null) || link=0
  echo "${link##*/}"
}

# watch_over <token>: one watch for each lease
watch_over() {
  watch=ha-deploy-watch-$(cat "$state/fence").service
  systemctl is-active --quiet "$watch" || systemd-run --quiet --collect --unit="$watch" /bin/sh "$state/ledger.sh" watch "$1"
}

# record <token> <generation> <base64 of its head> <generation or nothing>: what there is now, written down and ready to be confirmed.
# Standard input is what the generation names, as for `capture`, unless it is a copy of an earlier one. Returns 1 where the run has
# lost its lease.
record() {
  lock 60 && holds "$1" || return 1
  mkdir -p "$state/generations/0" && touch "$state/generations/0/manifest" || return 2
  made=$state/generations/$2
  rm -rf "$made.new" || return 2
  if [ -n "$4" ]; then
    cp -a "$state/generations/$4" "$made.new" && find "$made.new" -type f -exec sync {} +
  else
    mkdir "$made.new" && capture "$made.new"
  fi || return 2
  printf %s "$3" | base64 -d | write "$made.new/head" && sync "$made.new/files" "$made.new" "$state/generations" || return 2
}

# confirm <token> <generation>: what was recorded is the last good state; the lease is given back. Returns 1 where the run has lost
# its lease.
confirm() {
  lock 60 && holds "$1" || return 1
  made=$state/generations/$2
  [ -e "$made.new/head" ] && rm -rf "$made" && mv -T "$made.new" "$made" && rm -f "$state/current.new" && ln -s "generations/$2" "$state/current.new" &&
    mv -fT "$state/current.new" "$state/current" && sync "$state/generations" "$state" || return 2
  finish
  rm -f "$state/reverted" "$state/reverted.new"
  rm -rf "$state/generations"/*.new
  find "$state/generations" -mindepth 1 -maxdepth 1 ! -name 0 -printf '%f\n' | sort -n | head -n -10 |
    while read -r old; do rm -rf "${state:?}/generations/$old"; done
  give_back "$1"
}

# finish: nothing goes back any more
finish() {
  rm -f "$boot_link" "$boot_unit"
  rm -rf "$state/finished"
  [ ! -e "$state/uncommitted" ] || mv -T "$state/uncommitted" "$state/finished"
  rm -rf "$state/finished"
}

# revert <live|boot> <why>: back to the last good generation; under the lock. Fails, and stays due, where a file could not be put back.
revert() {
  target=$(cat "$state/uncommitted/target" 2>/dev/null) || return 0
  # A run that was cut off after it had been confirmed is not undone.
  [ "$target" = "$(current)" ] || { finish && return 0; }
  # In memory: a full disk must not keep anything from going back.
  restore "$target" "$1" >"$runtime/did" 2>&1
  restored=$?
  # A node that the run had not come to yet is as it was.
  [ ! -s "$runtime/did" ] ||
    { echo "why=$2" && echo "at=$(date +%s)" && echo "to=$target" && sed 's/^/did=/' "$runtime/did"; } | write "$state/reverted"
  [ "$restored" = 0 ] && finish
}

# undo <token>: the run itself gives up; says what was put back
undo() {
  lock 60 && holds "$1" || return 1
  rm -f "$runtime/did"
  revert live 'the run gave up' || return 2
  give_back "$1"
  [ ! -e "$runtime/did" ] || sed 's/^/did=/' "$runtime/did"
}

# forget <path|sysctl> <name>: as it was before us; from then on this run names it no more, and the next has nothing left to do
forget() {
  case $1 in
    path)
      file_of "$state/generations/0" "$2"
      source=${found:--}
      alike "$source" "$2" || place "$source" "$2" || return 1
      ;;
    sysctl)
      word_of "$state/generations/0" sysctl "$2"
      [ -z "$found" ] || printf '%s\n' "$found" >"/proc/sys/$(echo "$2" | tr . /)" || return 1
      ;;
  esac
  echo "$1 $2" >>"$state/uncommitted/forgotten"
}

# go <generation>: what that generation has; says what it did. Nothing is confirmed by it.
go() {
  [ -e "$state/generations/$1/manifest" ] || return 3
  # Before us there may have been nothing that could hold a VIP.
  word_of "$state/generations/0" unit keepalived.service
  [ "$1" != 0 ] || [ "$found" = 'enabled active' ] || return 4
  while read -r kind one number path; do
    case $kind in
      path) printf 'path %s %s\n' "$one" "$path" ;;
      *) printf '%s %s\n' "$kind" "$one" ;;
    esac
  done <"$state/generations/$1/manifest" | own || return 1
  restore_and_tell "$1" || return 2
}

# restore_and_tell <generation>: fails where a file could not be put back
restore_and_tell() {
  restore "$1" live >"$runtime/did" 2>&1
  restored=$?
  sed 's/^/did=/' "$runtime/did"
  return "$restored"
}

# member <nodes>: who takes part from now on, in the head of the current generation
member() {
  head=$state/current/head
  [ -e "$head" ] || return 0
  sed "s/^nodes=.*/nodes=$1/" "$head" | write "$head"
}

# leave <token> <purge|keep>: what was there before us, and nothing of ours; packages that came with us go only if asked
leave() {
  lock 60 && holds "$1" || return 1
  if [ -e "$state/generations/0/manifest" ]; then
    [ -e "$state/uncommitted" ] || disown || return 1
    restore_and_tell 0 || return 2
    if [ "$2" = purge ]; then
      packages=$(sed -n 's/^package \([^ ]*\) absent$/\1/p' "$state/generations/0/manifest")
      # shellcheck disable=SC2086 # a list of words
      [ -z "$packages" ] || DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 purge $packages || return 4
      # What stood there before the package came is taken by it when it goes.
      restore_and_tell 0 || return 2
    fi
  fi
  finish
  rm -rf "${state:?}" "$flags/haproxy-serving" "$flags/maintenance" "$flags/standing-back"
  give_back "$1"
}

# watch <token>: while the run lives, nothing; when its lease runs out, back. Where all must go back together, those that hold no
# VIP stand back first, and take part again when the holder has gone back.
watch() {
  while [ "$(cat "$state/uncommitted/token" 2>/dev/null)" = "$1" ]; do
    if holds "$1"; then
      sleep 1
      continue
    fi
    together=no
    [ ! -e "$state/uncommitted/stand-back" ] || together=yes
    release=$(cat "$state/uncommitted/release" 2>/dev/null)
    holder=no
    for vip in $(cat "$state/uncommitted/vips" 2>/dev/null); do
      [ -z "$(ip -o address show to "$vip")" ] || holder=yes
    done
    if [ "$together" = yes ]; then
      if [ "$holder" = yes ]; then sleep 5; else sh "$state/uncommitted/stand-back"; fi
    fi
    (
      lock 3600 || exit 1
      [ "$(cat "$state/uncommitted/token" 2>/dev/null)" = "$1" ] && ! holds "$1" || exit 3
      revert live 'the run was lost' && give_back "$1"
    )
    # 3: another run has taken this one over, and says itself who stands back.
    if [ "$?" -ne 3 ]; then
      [ "$together" = no ] || [ "$holder" = yes ] || sleep 15
      sh -c "$release"
    fi
    sleep 1
  done
}

boot() {
  lock 60 && revert boot 'the node booted before the run was confirmed' || {
    # What could not be put back, for a full disk perhaps, stays due.
    watch_over "$(cat "$state/uncommitted/token")"
    return 1
  }
}

"$@"
