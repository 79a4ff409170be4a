lock_timeout=300
set -- haproxy keepalived

lock_holder() {
  perl -MFcntl -e '
    exit if length(pack("l!", 0)) != 8;
    for (@ARGV) {
      open(my $f, "+<", $_) or next;
      my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0);
      fcntl($f, F_GETLK, $lock) or next;
      my ($type, undef, undef, undef, $pid) = unpack("s s x4 q q l", $lock);
      if ($type != F_UNLCK) { print $pid; last }
    }' /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock
}
waited=0
while holder=$(lock_holder) && [ -n "$holder" ]; do
  if [ "$waited" -ge "$lock_timeout" ]; then
    echo "process $holder ($(cat "/proc/$holder/comm")) holds the dpkg lock"
    exit 75
  fi
  [ $((waited % 15)) -ne 0 ] || echo "waiting for the dpkg lock, held by process $holder ($(cat "/proc/$holder/comm"))"
  sleep 1
  waited=$((waited + 1))
done

release_units() {
cd /
rm -f /run/systemd/system/haproxy.service.d/90-ha-deploy-install.conf
rmdir "$(dirname /run/systemd/system/haproxy.service.d/90-ha-deploy-install.conf)" 2>/dev/null || :
rm -f /run/systemd/system/keepalived.service.d/90-ha-deploy-install.conf
rmdir "$(dirname /run/systemd/system/keepalived.service.d/90-ha-deploy-install.conf)" 2>/dev/null || :
rm -rf /run/ha-deploy-install
systemctl daemon-reload
}
hold_unit() {
  systemctl is-active --quiet "$1" && return
  mkdir -p "$(dirname "$2")" && printf '[Unit]
ConditionPathExists=!/proc/%s/cwd/%s
' "$self" "$token" > "$2" || exit 74
}
read -r self _ < /proc/self/stat
trap release_units EXIT
mkdir -p /run/ha-deploy-install && cd /run/ha-deploy-install && token=$(mktemp XXXXXXXXXXXX) || exit 74
hold_unit haproxy.service /run/systemd/system/haproxy.service.d/90-ha-deploy-install.conf
hold_unit keepalived.service /run/systemd/system/keepalived.service.d/90-ha-deploy-install.conf
systemctl daemon-reload

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
apt() {
  apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout="$lock_timeout" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
# full <folder>: its file system has less than 16 MiB left, or 64 inodes
full() {
  # shellcheck disable=SC2046 # four numbers
  set -- "$1" $(stat --file-system --format='%S %f %c %d' -- "$1")
  [ $(($2 * $3)) -lt $((16 * 1024 * 1024)) ] || { [ "$4" -gt 0 ] && [ "$5" -lt 64 ]; }
}
# apt ends with 100 whatever was wrong.
fail() {
  for folder in /var/lib/apt /var/cache/apt /var/lib/dpkg /usr; do
    full "$folder" || continue
    # What apt has half written, and what it makes anew by itself: else the disk stays full.
    rm -rf /var/lib/apt/lists/partial/* /var/cache/apt/*pkgcache.bin*
    echo "the file system of $folder is full"
    exit 73
  done
  exit 70
}
if [ -n "$(dpkg --audit)" ] || [ -n "$(ls /var/lib/dpkg/updates)" ]; then
  echo 'an earlier dpkg was interrupted: finishing it first'
  dpkg --configure -a --force-confdef --force-confold || fail
fi
refreshed=
apt-cache show --no-all-versions "$@" >/dev/null 2>&1 || { apt update && refreshed=1; } || fail
apt install --no-install-recommends "$@" && exit 0
# An index from last month names versions that the mirror no longer has.
[ -z "$refreshed" ] && apt update && apt install --no-install-recommends "$@" && exit 0
fail
