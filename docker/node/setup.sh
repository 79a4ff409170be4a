#!/bin/sh
# Turns a minimal Debian or Ubuntu into a host of the lab; runs once, while the image is built.
set -eu

packages='systemd systemd-sysv dbus openssh-server sudo iproute2 ca-certificates'

install_packages() {
  # A base that docker/image.sh made holds all of them already; then the build needs no network.
  # shellcheck disable=SC2086 # a list of words
  if dpkg --status $packages >/dev/null 2>&1; then return; fi
  apt-get update
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $packages
}

# Images of a registry carry what no real host has: services that may not start, apt without its caches, packages
# without their documentation.
drop_container_habits() {
  rm -f /usr/sbin/policy-rc.d \
    /etc/apt/apt.conf.d/docker-* /etc/dpkg/dpkg.cfg.d/docker* /etc/dpkg/dpkg.cfg.d/excludes
  # Ubuntu's images put a dummy in the place of initctl.
  if [ "$(dpkg-divert --truename /sbin/initctl)" != /sbin/initctl ]; then
    rm -f /sbin/initctl
    dpkg-divert --local --rename --remove /sbin/initctl
  fi
}

# What lacks its hardware here, what Docker does in its place (addresses, names, clock), and timers that would take
# the dpkg lock or processor time in the middle of a test.
mask_units() {
  for unit in \
    getty.target console-getty.service \
    dev-hugepages.mount sys-fs-fuse-connections.mount sys-kernel-config.mount sys-kernel-debug.mount \
    sys-kernel-tracing.mount proc-sys-fs-binfmt_misc.automount \
    systemd-udevd.service systemd-logind.service systemd-remount-fs.service systemd-firstboot.service \
    systemd-networkd.service systemd-networkd.socket systemd-networkd-wait-online.service \
    systemd-resolved.service systemd-timesyncd.service \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer man-db.timer motd-news.timer; do
    ln -sf /dev/null "/etc/systemd/system/$unit"
  done
}

# `sysctl --system` must succeed as on a real host, but the kernel belongs to the machine that runs the lab: a host may
# set nothing but its own network.
mask_kernel_settings() {
  for file in /usr/lib/sysctl.d/*.conf; do
    if [ -e "$file" ]; then ln -sf /dev/null "/etc/sysctl.d/${file##*/}"; fi
  done
}

add_operator() {
  useradd --create-home --shell /bin/bash ops
  echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
  chmod 0440 /etc/sudoers.d/ops
}

# Each host makes its own at its first boot.
forget_identity() {
  rm -f /etc/ssh/ssh_host_* /var/lib/dbus/machine-id
  : >/etc/machine-id
}

# systemd would otherwise rebuild its caches at the first boot, as after an upgrade of /usr.
mark_up_to_date() {
  touch /etc/.updated /var/.updated
}

# A fresh host: `apt-get update` never ran.
forget_packages() {
  apt-get clean
  rm -rf /var/lib/apt/lists/* /var/log/apt/* /var/log/*.log
}

install_packages
drop_container_habits
mask_units
mask_kernel_settings
add_operator
forget_identity
forget_packages
mark_up_to_date
