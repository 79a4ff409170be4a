# Going back: what a generation says becomes what there is. A daemon that works goes on working: it is reloaded, and only with what it
# accepts. How libc looks up names meanwhile, `quick_libc`, comes before all of this.

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
    one=$(readlink -- "$1") && other=$(readlink -- "$2") && [ "$one" = "$other" ]
  else
    cmp -s -- "$1" "$2"
  fi
}

# beside_of <path>: where a copy waits for it
beside_of() {
  folder=${1%/*}
  folder=${folder:-/}
  beside=$folder/.ha-deploy.revert.${1##*/}
}

# stage <source> <path>: a copy beside it, so that a rename is all that is left to do
stage() {
  beside_of "$2"
  [ -d "$folder" ] || mkdir -p "$folder" || return 1
  [ ! -e "$beside" ] && [ ! -L "$beside" ] || rm -rf "$beside" || return 1
  if ! cp -a -- "$1" "$beside"; then
    rm -rf "$beside"
    return 1
  fi
  # A link leads elsewhere, or nowhere.
  [ -L "$beside" ] || sync "$beside"
}

# swap <path>: what was staged stands there
swap() {
  beside_of "$1"
  [ ! -d "$1" ] || [ -L "$1" ] || rm -rf -- "$1" || return 1
  mv -fT -- "$beside" "$1" && sync "$folder"
}

# clear_away <path>: nothing stands there
clear_away() {
  beside_of "$1"
  rm -rf -- "$1" && sync "$folder"
}

# place <source> <path>
place() {
  if [ "$1" = - ]; then clear_away "$2"; else stage "$1" "$2" && swap "$2"; fi
}

# unstage: what waits beside its place is wanted no more
unstage() {
  [ -e "$state/generations/0/manifest" ] || return 0
  while read -r unstage_kind _ _ unstage_path; do
    [ "$unstage_kind" = path ] || continue
    beside_of "$unstage_path"
    [ ! -e "$beside" ] && [ ! -L "$beside" ] || rm -rf "$beside" || return 1
  done <"$state/generations/0/manifest"
}

# source_of <generation> <path>: what is to stand there: as the generation has it, else as it was before us
source_of() {
  file_of "$state/generations/$1" "$2" || return 1
  [ -n "$found" ] || file_of "$state/generations/0" "$2"
}

# wanted_of <generation> <kind> <name>: the same of a unit or a kernel setting
wanted_of() {
  word_of "$state/generations/$1" "$2" "$3" || return 1
  [ -n "$found" ] || word_of "$state/generations/0" "$2" "$3"
}

# text_of <generation> <path>: the file to read for it. A link leads from where it was, not from where it is kept.
text_of() {
  source_of "$1" "$2" || return 1
  [ -L "$found" ] || return 0
  link=$(readlink -- "$found") || return 1
  case $link in
    /*) found=$link ;;
    *) found=${2%/*}/$link ;;
  esac
}

# accepted <generation> <live|boot>: whether the daemons that are to run accept what is to come back; says what they do not. What is there
# already needs no question. Returns 1 where one refuses, 2 where that cannot be told.
accepted() {
  accepted_all=0
  while read -r kind name _; do
    [ "$kind" = unit ] || continue
    wanted_of "$1" unit "$name" || return 2
    [ "${found#* }" = active ] || continue
    case $name in
      haproxy.service) config=$haproxy_config ;;
      keepalived.service) config=$keepalived_config ;;
      *) continue ;;
    esac
    differs "$1" "$name"
    case $? in 0) ;; 1) continue ;; *) return 2 ;; esac
    text_of "$1" "$config" || return 2
    [ -n "$found" ] && [ "$found" != - ] || continue
    accepts "$1" "$name" "$found" >"$runtime/said" 2>&1
    answer=$?
    rm -f "$runtime/trial" || return 2
    case $answer in
      0) continue ;;
      1) ;;
      *)
        echo "unknown:$name"
        return 2
        ;;
    esac
    # At boot nothing runs. If neither file is accepted, prefer the one that worked before.
    if [ "$2" = boot ]; then
      accepts "$1" "$name" "$config" >/dev/null 2>&1
      answer=$?
      rm -f "$runtime/trial" || return 2
      [ "$answer" -eq 0 ] || continue
    fi
    accepted_all=1
    echo "refused:$name"
    sed 's/^/said=/' "$runtime/said"
  done <"$state/generations/0/manifest"
  return "$accepted_all"
}

# differs <generation> <unit>: whether anything that the unit reads is to become another; 2 where that cannot be told
differs() {
  while read -r differs_kind differs_reader _ differs_path; do
    [ "$differs_kind" = path ] && [ "$differs_reader" = "$2" ] || continue
    source_of "$1" "$differs_path" || return 2
    alike "$found" "$differs_path" || return 0
  done <"$state/generations/0/manifest"
  return 1
}

# accepts <generation> <unit> <file>: the daemon's own word, on a copy in memory: a full disk must not decide it. 1 where it refuses, 2
# where it cannot be asked.
accepts() {
  trial=$runtime/trial
  case $2 in
    haproxy.service)
      # The files that it names are those that come back with it.
      with_kept "$1" "$3" >"$trial" || return 2
      RES_OPTIONS=$quick_libc timeout 60 haproxy -c -f "$trial" </dev/null
      code=$?
      [ "$code" -lt 124 ] || return 2
      [ "$code" -eq 0 ]
      ;;
    keepalived.service)
      # 2.2.5 to 2.2.7 end themselves in the test when a script runs as another user than root (acassen/keepalived#2587).
      sed 's/^\( *script_user \).*/\1root/' "$3" >"$trial" && chmod 600 "$trial" || return 2
      answer=$(timeout 60 keepalived -t -f "$trial" 2>&1)
      code=$?
      printf '%s\n' "$answer"
      [ "$code" -ne 124 ] && [ "$code" -ne 127 ] && agreement_in "$3" || return 2
      if [ "$found" != foreign ]; then
        [ "$code" -eq 0 ] && [ -z "$answer" ]
        return
      fi
      # What ran before us may run with warnings, of security (5, 6 from 2.2.0) or of interfaces (5).
      case $code in 0 | 5 | 6 | 143) ;; *) return 1 ;; esac
      ;;
  esac
}

# with_kept <generation> <haproxy.cfg>: the text, in which the files that the generation keeps stand for the paths they come from
with_kept() {
  set -- "$state/generations/$1" "$2"
  perl -e '
    my ($generation, $config) = @ARGV;
    my %kept;
    open my $manifest, "<", "$generation/manifest" or die "$!\n";
    while (<$manifest>) { $kept{$2} = "$generation/files/$1" if /^path \S+ (\d+) (\/.*)$/ }
    open my $text, "<", $config or die "$!\n";
    my $paths = join "|", map quotemeta, sort { length $b <=> length $a } keys %kept;
    while (<$text>) { s/(?<![^\s"])($paths)(?![^\s"])/$kept{$1}/g if length $paths; print or die "$!\n" }
    close STDOUT or die "$!\n"' "$@"
}

# restore <generation> <live|boot>: everything that generation 0 names, as that generation has it, else as it was before us; says what
# it did. Nothing is touched where a daemon would not accept what it is to read, or where there is no room for all of it: half of the
# files may be nothing that a daemon can start with. Fails where anything could not be put back: then all of it stays due.
restore() {
  origin=$state/generations/0 changed=, failed=0
  sound "$1" && accepted "$1" "$2" || return 1
  if ! stage_all "$1"; then
    unstage
    return 1
  fi
  # What a file names comes before the file goes that named it.
  put_back "$1" swapped && put_back "$1" cleared || return 1
  # Who came before us may have been cut off here.
  for mark in "$runtime"/unread-*; do [ ! -e "$mark" ] || changed=$changed${mark##*/unread-},; done
  # Until systemd has read its own again, whoever comes after us has to see to that.
  [ "$changed" = , ] || { printf '' >"$runtime/unread-systemd" && systemctl daemon-reload && rm -f "$runtime/unread-systemd"; } || failed=1
  while read -r kind name _; do
    case $kind in
      sysctl)
        wanted_of "$1" sysctl "$name" && [ -n "$found" ] || continue
        words=$found
        sysctl_file "$name"
        at=$found
        value=$(cat "$at") && [ "$value" = "$words" ] && continue
        { printf '%s\n' "$words" >"$at" && echo "sysctl:$name"; } || failed=1
        ;;
      unit)
        wanted_of "$1" unit "$name" && [ -n "$found" ] || continue
        restore_unit "$1" "$name" "${found% *}" "${found#* }" "$2" || { echo "not restored:$name" && failed=1; }
        ;;
    esac
  done <"$origin/manifest"
  return "$failed"
}

# stage_all <generation>
stage_all() {
  while read -r kind reader _ path; do
    [ "$kind" = path ] || continue
    source_of "$1" "$path" || return 1
    [ "$found" != - ] && ! alike "$found" "$path" || continue
    stage "$found" "$path" || return 1
  done <"$origin/manifest"
}

# fits <generation>: whether there is room to go back to it, and for a generation that is a copy of it: both are copied, and the copies
# removed. Says what is full. Returns 1 where something is, 2 where it cannot be copied for another reason.
fits() {
  origin=$state/generations/0 folder=$state found=
  stage_all "$1" && folder=$state found=$state/generations/$1/manifest && cp -a "$state/generations/$1" "$state/fits.new"
  fits_code=$?
  # A copy that failed may have needed more than there is, a little more than there is left.
  fits_bytes=65536
  if [ "$fits_code" != 0 ]; then
    fits_bytes=$(stat --format=%s -- "$found") || fits_bytes=0
    fits_bytes=$((fits_bytes + 65536))
  fi
  has_room "$folder" "$fits_bytes"
  fits_room=$?
  rm -rf "$state/fits.new" && unstage || return 2
  [ "$fits_room" = 0 ] || return "$fits_room"
  [ "$fits_code" = 0 ] || return 2
}

# put_back <generation> <swapped|cleared>: those of its paths where something was staged, or those where nothing is to stand
put_back() {
  while read -r kind reader _ path; do
    [ "$kind" = path ] || continue
    source_of "$1" "$path" || return 1
    case $found$2 in -swapped) continue ;; -cleared) ;; *cleared) continue ;; esac
    alike "$found" "$path" && continue
    # A daemon that has yet to read it is told apart from one that has, also by whoever comes after us.
    [ "$reader" = - ] || printf '' >"$runtime/unread-$reader" || return 1
    if [ "$2" = swapped ]; then swap "$path"; else clear_away "$path"; fi || return 1
    changed=$changed$reader,
    printf 'file:%s\n' "$path"
  done <"$origin/manifest"
}

# restore_unit <generation> <name> <enablement> <activity> <live|boot>
restore_unit() {
  unit_state "$2" || return 1
  if [ "$enablement" != "$3" ]; then
    [ "$enablement" != masked ] || systemctl unmask --quiet "$2" || return 1
    case $3 in
      enabled) systemctl enable --quiet "$2" ;;
      disabled) systemctl disable --quiet "$2" ;;
      masked) systemctl mask --quiet "$2" ;;
    esac || return 1
    echo "unit:$2"
  fi
  case $4$5 in
    inactive*)
      # At boot its start may be due already, from before it was disabled: stopping it takes that back.
      [ "$5" = live ] || [ "$known" = no ] || systemctl --no-block stop "$2" || return 1
      # One that is long in stopping may still be up.
      [ "$activity$5" = inactiveboot ] || [ "$known" = no ] || systemctl stop "$2" || return 1
      [ "$activity" = inactive ] || echo "unit:$2"
      rm -f "$runtime/unread-$2"
      ;;
    # At boot it comes by its own enablement, after us.
    activeboot) [ "$activity" = active ] || rm -f "$runtime/unread-$2" ;;
  esac
  case $4$activity$5 in
    active*live | activeactive*) run_restored "$1" "$2" ;;
  esac
}

# run_restored <generation> <unit>: the unit runs what has come back. One that is active is reloaded, as it goes on serving whatever
# comes of that. HAProxy is started anew where it has given no answer at all: then it serves nobody. keepalived is not: what keeps its
# answer from us, a full disk or a file in its place, keeps no VIP from it.
run_restored() {
  if [ "$activity" = inactive ]; then
    systemctl reset-failed "$2" 2>/dev/null
    systemctl start "$2" && echo "unit:$2" && shows "$1" "$2" || return 1
  elif ! shows_now "$1" "$2" || [ -e "$runtime/unread-$2" ]; then
    systemctl reload "$2" && echo "unit:$2" || [ "$answers" = no ] || return 1
    shows "$1" "$2" || { [ "$answers" = no ] && systemctl restart "$2" && echo "unit:$2" && shows "$1" "$2"; } || return 1
  fi
  rm -f "$runtime/unread-$2"
}

# shows <generation> <unit>: that the daemon runs what the generation has, within 20 seconds; $answers says whether it has answered at
# all in that time
shows() {
  uptime || return 1
  deadline=$((found + 20)) answered=no
  until shows_now "$1" "$2"; do
    [ "$answers" = no ] || answered=yes
    if ! uptime || [ "$found" -ge "$deadline" ]; then
      answers=$answered
      return 1
    fi
    sleep 0.2
  done
}

# shows_now <generation> <unit>: the same at once. What is not ours names no identity, and cannot be asked for it: it must not show one of
# ours.
shows_now() {
  answers=yes
  case $2 in
    haproxy.service)
      text_of "$1" "$haproxy_config" || return 1
      # Nothing is said of what it is to run.
      [ -n "$found" ] || return 0
      identity_in description "$found" || return 1
      said=$(ask_haproxy) || answers=no
      case $identity,$said in
        ,*ha-deploy:*) return 1 ;;
        ,*) return 0 ;;
      esac
      [ "$said" = "$identity" ]
      ;;
    keepalived.service)
      text_of "$1" "$keepalived_config" || return 1
      [ -n "$found" ] || return 0
      identity_in router_id "$found" || return 1
      if [ -n "$identity" ]; then
        ask_keepalived && [ "$router_id" = "$identity" ]
        return
      fi
      ask_keepalived || return 0
      case $running in foreign | down) ;; *) return 1 ;; esac
      ;;
  esac
}

# identity_in <word> <file>: the name that a configuration of ours gives itself, in $identity; empty for one that is not ours
identity_in() {
  identity=
  [ -e "$2" ] || return 0
  while read -r config_word config_value _; do
    [ "$config_word" = "$1" ] || continue
    case $config_value in *ha-deploy:*) identity=$config_value ;; esac
    return 0
  done <"$2"
  return 0
}
