lock_timeout=300
held_units='haproxy.service keepalived.service'
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

hold=90-ha-deploy-install.conf
release_units() {
  for unit in $held_units; do
    rm -f "/run/systemd/system/$unit.d/$hold"
    rmdir "/run/systemd/system/$unit.d" 2>/dev/null || :
  done
  systemctl daemon-reload
}
trap release_units EXIT
for unit in $held_units; do
  systemctl is-active --quiet "$unit" && continue
  mkdir -p "/run/systemd/system/$unit.d"
  printf '[Unit]\nConditionPathExists=!/proc/%s\n' "$$" > "/run/systemd/system/$unit.d/$hold"
done
systemctl daemon-reload

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
apt() {
  apt-get -y -q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout="$lock_timeout" \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}
if [ -n "$(dpkg --audit)" ] || [ -n "$(ls /var/lib/dpkg/updates)" ]; then
  echo 'an earlier dpkg was interrupted: finishing it first'
  dpkg --configure -a --force-confdef --force-confold || exit 70
fi
refreshed=
apt-cache show --no-all-versions "$@" >/dev/null 2>&1 || { apt update && refreshed=1; } || exit 70
apt install --no-install-recommends "$@" && exit 0
# An index from last month names versions that the mirror no longer has.
[ -z "$refreshed" ] && apt update && apt install --no-install-recommends "$@" && exit 0
exit 70
