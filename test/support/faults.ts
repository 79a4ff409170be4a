import type { LabHost } from '../../docker/host.js';
import { eventually } from './eventually.js';
import { on } from './lab.js';

/** Holds the lock of dpkg in another process, as unattended-upgrades does. @returns what lets go of it */
export async function holdDpkg(host: LabHost): Promise<() => Promise<void>> {
  const hold = String.raw`use Fcntl; open my $f, ">>", "/var/lib/dpkg/lock-frontend" or die $!;
my $lock = pack "s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0;
fcntl $f, F_SETLK, $lock or die $!;
open my $held, ">", "/run/e2e-lock-held" or die $!; sleep 3600`;
  // From a file: systemd-run takes `$f` for a variable of its own.
  await host.pipe(hold, ['install', '/dev/stdin', '/run/e2e-lock']);
  await on(host, 'rm -f /run/e2e-lock-held; systemd-run --quiet --collect --unit=e2e-lock perl /run/e2e-lock');
  await eventually('dpkg is locked', async () => on(host, 'test -e /run/e2e-lock-held'));
  return async () => void (await on(host, 'systemctl stop e2e-lock'));
}

/** A script that puts a folder, with all that is in it, on a disk without a free byte. */
export function fullDisk(folder: string): string {
  return `mkdir -p /run/e2e-copy
cp -a ${folder}/. /run/e2e-copy
mount -t tmpfs -o size=$(($(du -sk ${folder} | cut -f 1) + 256))k,mode=755 e2e ${folder}
cp -a /run/e2e-copy/. ${folder}
rm -r /run/e2e-copy
dd if=/dev/zero of=${folder}/filler bs=4096 2>/dev/null || :
`;
}

/** Puts a folder, with all that is in it, on a disk without a free byte. @returns what takes the disk away again */
export async function fillDisk(host: LabHost, folder: string): Promise<() => Promise<void>> {
  await on(host, fullDisk(folder));
  // keepalived runs its script from there every second, and holds the disk for that moment.
  return async () => void (await eventually(`${folder} is let go of`, async () => on(host, `umount ${folder}`)));
}

/** Has a script run early at every boot, before the daemons start. @returns what takes it off; what it did lasts until the next boot */
export async function atBoot(host: LabHost, script: string): Promise<() => Promise<void>> {
  const unit = `[Unit]
DefaultDependencies=no
After=local-fs.target systemd-tmpfiles-setup.service
Before=sysinit.target haproxy.service keepalived.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -e /etc/e2e-at-boot
[Install]
WantedBy=sysinit.target
`;
  await host.pipe(script, ['install', '/dev/stdin', '/etc/e2e-at-boot']);
  await host.pipe(unit, ['install', '-m', '0644', '/dev/stdin', '/etc/systemd/system/e2e-at-boot.service']);
  await on(host, 'systemctl daemon-reload; systemctl enable --quiet e2e-at-boot');
  return async () =>
    void (await on(
      host,
      'systemctl disable --quiet e2e-at-boot; rm /etc/systemd/system/e2e-at-boot.service /etc/e2e-at-boot; systemctl daemon-reload',
    ));
}
