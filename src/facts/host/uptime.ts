import { inPerl } from '../../remote/perl.js';
import type { Fact } from '../fact.js';

/** proc_pid_stat(5), starttime: the 22nd field, and the 20th after the name, which may have spaces and brackets of its own. */
const look = String.raw`
for my $process (1, "self") {
  open my $f, "<", "/proc/$process/stat" or die;
  my ($fields) = do { local $/; <$f> } =~ /.*\) (.*)/s or die;
  print +(split " ", $fields)[19], "\n";
}
`;

/** Of the kernel's clock, in which it tells of processes: the same on every architecture of Debian. */
const ticksPerSecond = 100;

/**
 * Seconds since the host has booted, or its container was started: between the start of its first process and that of this look. No
 * clock that can be set is asked, as it may have been wrong at boot. Undefined where a host does not say: nothing is decided by it.
 */
export const secondsUp: Fact<number | undefined> = {
  id: 'boot',
  ...inPerl(look),
  parse: ({ stdout }) => {
    const [, first, own] = /^(\d{1,15})\n(\d{1,15})\n$/.exec(stdout) ?? [];
    if (first === undefined || own === undefined || Number(own) < Number(first)) return undefined;
    return Math.floor((Number(own) - Number(first)) / ticksPerSecond);
  },
};
