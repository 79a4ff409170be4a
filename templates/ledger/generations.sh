# Generations: what a node was, written down.

# file_of <generation> <path>: where the generation keeps the path; `-` where nothing stood there; nothing where it says nothing
file_of() {
  found=
  [ -e "$1/manifest" ] || return 0
  while read -r of_kind _ of_number of_path; do
    [ "$of_kind" = path ] && [ "$of_path" = "$2" ] || continue
    [ "$of_number" = - ] && found=- || found=$1/files/$of_number
    return 0
  done <"$1/manifest"
  return 0
}

# word_of <generation> <kind> <name>: what the generation says of it
word_of() {
  found=
  [ -e "$1/manifest" ] || return 0
  while read -r of_kind of_name of_words; do
    [ "$of_kind" = "$2" ] && [ "$of_name" = "$3" ] && found=$of_words && return 0
  done <"$1/manifest"
  return 0
}

# sound <generation>: whether it is whole, and of a format that we know; says what is wrong. 0 has neither a head nor an end.
sound() {
  sound_at=$state/generations/$1
  if [ "$1" != 0 ]; then
    format=
    [ -r "$sound_at/head" ] && while IFS='=' read -r key value; do
      [ "$key" != format ] || format=$value
    done <"$sound_at/head"
    if [ "$format" != 1 ]; then
      echo "generation $1 has format ${format:-unknown}: a newer ha-deploy wrote it, or it is damaged"
      return 1
    fi
  fi
  if [ ! -r "$sound_at/manifest" ]; then
    echo "generation $1 has no manifest"
    return 1
  fi
  sound_end=no
  while read -r kind one number path; do
    case $kind in
      path)
        case $number in
          -) ;;
          '' | *[!0-9]*) sound_end=bad ;;
          *) [ -e "$sound_at/files/$number" ] || [ -L "$sound_at/files/$number" ] || sound_end=bad ;;
        esac
        case $path in /*) ;; *) sound_end=bad ;; esac
        ;;
      unit) case $number in enabled | disabled | masked) ;; *) sound_end=bad ;; esac ;;
      sysctl | package) [ -n "$number" ] || sound_end=bad ;;
      end) sound_end=yes ;;
      *) sound_end=bad ;;
    esac
    [ "$sound_end" != bad ] || break
  done <"$sound_at/manifest"
  # Cut off in the middle of a line, or before its end.
  if [ "$sound_end" = bad ] || [ -n "$kind$one" ] || { [ "$sound_end" = no ] && ends_late "$1"; }; then
    echo "generation $1 is damaged: see $sound_at/manifest"
    return 1
  fi
  # Versions that wrote none could not tell.
  [ -s "$sound_at/sums" ] || return 0
  (cd "$sound_at" && sha256sum --status -c sums) || {
    echo "generation $1 is damaged: a file in $sound_at/files is not what was written there"
    return 1
  }
}

# sum_up <directory of a generation>: by what its files are known to be whole
sum_up() {
  (cd "$1" && find files -type f -exec sha256sum {} + >sums) && sync "$1/sums"
}

# ends_late <generation>: whether the version that wrote it ends manifests with `end`
ends_late() {
  [ "$1" != 0 ] || return 1
  while IFS='=' read -r key value; do
    [ "$key" != run ] || return 0
  done <"$state/generations/$1/head"
  return 1
}

# capture <directory> [meant]: what there is now of the lines `path <reader> <path>`, `unit <name>`, `sysctl <name>` and
# `package <name>` on standard input, added to the manifest of the directory. `meant` is for what a run has made: it enables and starts
# its units, one that is down at the moment too.
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
          cp -a -- "$path" "$1/files/$number" && printf 'path %s %s %s\n' "$one" "$number" "$path"
        else
          printf 'path %s - %s\n' "$one" "$path"
        fi
        ;;
      unit)
        case ${2:-} in
          meant) echo "unit $one enabled active" ;;
          *) unit_state "$one" && { [ "$enablement$starting" != enabledyes ] || activity=active; } && echo "unit $one $enablement $activity" ;;
        esac
        ;;
      sysctl) sysctl_file "$one" && value=$(cat "$found") && echo "sysctl $one $value" ;;
      package) package_state "$one" && echo "package $one $found" ;;
    esac || return 1
  done >>"$1/manifest.new"
  # A link leads elsewhere, or nowhere.
  for kept in "$1"/files/*; do
    [ -L "$kept" ] || [ ! -e "$kept" ] || sync "$kept" || return 1
  done
  sync "$1/manifest.new" && mv -fT "$1/manifest.new" "$1/manifest"
}

# package_state <name>: installed or absent; fails where dpkg fails. One that dpkg is at work on, or was cut off with, is there.
package_state() {
  if found=$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null); then
    case $found in not-installed | config-files) found=absent ;; *) found=installed ;; esac
    return 0
  fi
  found=absent
  # A package that dpkg has files of is one that it knows.
  for list in "$dpkg_info/$1.list" "$dpkg_info/$1":*.list; do [ ! -e "$list" ] || return 1; done
}

# unknown <manifest>: those lines of standard input that the manifest says nothing of
unknown() {
  while read -r kind one path; do
    [ -n "$kind" ] || continue
    named=no
    while read -r of name number at; do
      case $kind in
        path) [ "$of" = path ] && [ "$at" = "$path" ] && named=yes ;;
        *) [ "$of" = "$kind" ] && [ "$name" = "$one" ] && named=yes ;;
      esac
    done <"$1"
    [ "$named" = yes ] || printf '%s %s %s\n' "$kind" "$one" "$path" || return 1
  done
}

# disown: drops from generation 0 everything that the current generation does not name, so that a run that takes it up, for the first
# time or again, notes how it is by then. Packages that came with us have come with us.
disown() {
  manifest=$state/generations/0/manifest
  while read -r line; do
    case $line in
      'path '*) file_of "$state/current" "${line#path * * }" ;;
      'package '*) found=always ;;
      *) name=${line#* } && word_of "$state/current" "${line%% *}" "${name%% *}" ;;
    esac || return 1
    [ -z "$found" ] || printf '%s\n' "$line" || return 1
  done <"$manifest" >"$manifest.new" || return 1
  sync "$manifest.new" && mv -fT "$manifest.new" "$manifest"
}

# own: notes what is there now of those lines of standard input whose original state is not noted yet
own() {
  unknown "$state/generations/0/manifest" >"$state/touched" && capture "$state/generations/0" <"$state/touched" && rm -f "$state/touched"
}
