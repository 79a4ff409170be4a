# Where things are on the node, and how they are read, written and locked.
#
# /var/lib/ha-deploy/generations/<n>   head: which run made it, who, when; files/<number>: what stood at a path; manifest, a line each:
#     path <reader> <number> <path>    files/<number> is what stands there; `-` where nothing does
#     unit <name> <enabled|disabled|masked> <active|inactive>
#     sysctl <name> <value>
#     package <name> <installed|absent>
#     end                              the last line of every generation but 0
#   sums: of the files, as sha256sum writes them; not of generation 0
# generations/0 is what was there before us, of everything that current names or that a run under way may touch.
# /var/lib/ha-deploy/current           a link to the last confirmed generation
# /var/lib/ha-deploy/uncommitted       a run under way:
#     target                           the generation to go back to; differs from current once the run is confirmed
#     token                            the run
#     seconds                          how long its leases last
#     together                         where all nodes must agree on what changes: the longest advert interval, milliseconds
#     prepared                         the generation that all nodes have recorded
#     kept                             that this node confirms it by itself: the generation, and when
#     forgotten                        what the run has given back already
#     to-return, returned              whether it has been undone, and this node has yet to take part in elections again
# /run/ha-deploy-lease/lease           who may change this node, and until when on the clock of /proc/uptime
# /var/lib/ha-deploy/kept              the last generation, where this node has confirmed it by itself, and when
# /var/lib/ha-deploy/reverted          why the last run was undone, when, and what was put back
# /var/lib/ha-deploy/fence             how many leases there have been
# /run/ha-deploy-lease/due             why what is due could not be put back yet
# /run/ha-deploy-lease/unread-<unit>   the unit has yet to read a file that was put back; unread-systemd: systemd its unit files
# /run/ha-deploy-lease/follows         this node stands back for a holder that may have to go back yet
# /run/ha-deploy-lease/heeds           this node has kept a run that changed the terms, and listens on: `together` of that run, and
#                                      until when, on the clock of /proc/uptime
# /run/ha-deploy/maintenance           keeps this node out of elections: 1 for an operator, 2 for a run
# /run/ha-deploy/standing-back         the run that wrote the 2

state=/var/lib/ha-deploy
runtime=/run/ha-deploy-lease
flags=/run/ha-deploy
keepalived_config=/etc/keepalived/keepalived.conf
haproxy_config=/etc/haproxy/haproxy.cfg
dpkg_info=/var/lib/dpkg/info
boot_unit=/etc/systemd/system/ha-deploy-revert.service
boot_link=/etc/systemd/system/multi-user.target.wants/ha-deploy-revert.service

# A result is left in $found: a subshell for each would take longer than all that these do.

# uptime: seconds since boot
uptime() {
  read -r found _ </proc/uptime || return 2
  found=${found%%.*}
}

# put <path> <text>: the text and a newline, whole and on the disk, or not at all
put() {
  printf '%s\n' "$2" >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1"
}

# store <path>: the same of standard input
store() {
  cat >"$1.new" && sync "$1.new" && mv -fT "$1.new" "$1"
}

# has_room <folder> <bytes>: whether its file system has that left, and sixteen files; else says so, as `df` is to be asked: `full:-h /etc`
has_room() {
  room_at=$1
  until [ -d "${room_at:-/}" ]; do room_at=${room_at%/*}; done
  room_at=${room_at:-/}
  room=$(stat --file-system --format='%S %f %c %d' -- "$room_at") || return 2
  read -r room_block room_free room_inodes room_files <<ROOM
$room
ROOM
  if [ $((room_block * room_free)) -lt "$2" ]; then
    echo "full:-h $room_at"
    return 1
  fi
  # One that has no table of files, such as btrfs, has no end of them.
  if [ "$room_inodes" -gt 0 ] && [ "$room_files" -lt 16 ]; then
    echo "full:-i $room_at"
    return 1
  fi
}

# line_of <path>: its first line, nothing where there is no such file; fails where it cannot be read
line_of() {
  found=
  [ -e "$1" ] || return 0
  read -r found <"$1" || [ -n "$found" ] || [ ! -s "$1" ]
}

# number_in <path>: a number; 0 where there is no such file; fails where it says anything else
number_in() {
  if [ ! -e "$1" ]; then
    found=0
    return 0
  fi
  line_of "$1" || return 1
  case $found in '' | *[!0-9]*) return 1 ;; esac
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

# current: the last confirmed generation; 0 where there is none
current() {
  found=0
  [ -L "$state/current" ] || return 0
  found=$(readlink "$state/current") || return 1
  found=${found##*/}
  case $found in '' | *[!0-9]*) return 1 ;; esac
}

# point_to <generation>: makes it the current one
point_to() {
  if [ "$1" = 0 ]; then
    rm -f "$state/current" && sync "$state"
    return
  fi
  rm -f "$state/current.new" && ln -s "generations/$1" "$state/current.new" && mv -fT "$state/current.new" "$state/current" && sync "$state"
}

# sysctl_file <name>: where the kernel shows it
sysctl_file() {
  found=/proc/sys rest=$1
  while :; do
    case $rest in
      *.*) found=$found/${rest%%.*} rest=${rest#*.} ;;
      *) found=$found/$rest && return ;;
    esac
  done
}

# unit_state <unit>: $enablement, one of enabled, disabled, masked; $activity, one of active, inactive; $known, no where there is no
# such unit. One that is deactivating is stopped, or crashed and is about to be started again: which of them, it shows within moments.
# What takes longer is being stopped. $starting is yes where it is down, and systemd is about to do something about that. Fails where
# systemd does not say.
unit_state() {
  unit_looks=0
  while :; do
    enablement=disabled activity='' known=yes starting=no
    shown=$(systemctl show --property=LoadState --property=UnitFileState --property=ActiveState --property=Job "$1") || return 1
    while IFS='=' read -r key value; do
      case $key=$value in
        UnitFileState=enabled | UnitFileState=enabled-runtime) enablement=enabled ;;
        UnitFileState=masked | UnitFileState=masked-runtime) enablement=masked ;;
        LoadState=not-found) known=no ;;
        ActiveState=active | ActiveState=activating | ActiveState=reloading) activity=active ;;
        ActiveState=deactivating) activity=leaving ;;
        ActiveState=?*) activity=inactive ;;
        Job= | Job=0) ;;
        Job=*) starting=yes ;;
      esac
    done <<SHOWN
$shown
SHOWN
    [ "$activity" = inactive ] || starting=no
    [ "$activity" = leaving ] || break
    activity=inactive unit_looks=$((unit_looks + 1))
    [ "$unit_looks" -lt 50 ] || break
    sleep 0.2
  done
  [ -n "$activity" ]
}
