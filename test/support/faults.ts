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

/** Puts a folder, with all that is in it, on a disk without a free byte. @returns what takes the disk away again */
export async function fillDisk(host: LabHost, folder: string): Promise<() => Promise<void>> {
  await on(
    host,
    `cp -a ${folder} /run/e2e-copy
mount -t tmpfs -o size=256k,mode=755 e2e ${folder}
cp -a /run/e2e-copy/. ${folder}
rm -r /run/e2e-copy
dd if=/dev/zero of=${folder}/filler bs=4096 2>/dev/null || :`,
  );
  // keepalived runs its script from there every second, and holds the disk for that moment.
  return async () => void (await eventually(`${folder} is let go of`, async () => on(host, `umount ${folder}`)));
}
