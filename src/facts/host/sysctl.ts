import { inPerl } from '../../remote/perl.js';
import type { Fact } from '../fact.js';

/** The value in force of a kernel setting such as `net.ipv4.ip_nonlocal_bind`; undefined where the kernel lacks it. */
export function sysctl(key: string): Fact<string | undefined> {
  return {
    id: `sysctl:${key}`,
    ...inPerl('open my $f, "<", $ARGV[0] or die; print <$f>', [`/proc/sys/${key.replaceAll('.', '/')}`]),
    parse: ({ exitCode, stdout }) => (exitCode === 0 ? stdout.trim() : undefined),
  };
}
