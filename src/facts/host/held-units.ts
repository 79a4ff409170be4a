import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

/** Where a shell that installs packages is at home, and the name of the drop-ins that keep units from starting meanwhile. */
export const hold = { folder: '/run/ha-deploy-install', dropIn: '90-ha-deploy-install.conf' } as const;

export function holdOf(unit: string): string {
  return `/run/systemd/system/${unit}.d/${hold.dropIn}`;
}

/** Nothing, the work of a shell that is still there, or what one left that was killed. */
export type Hold = 'none' | 'at work' | 'left';

/** The shell that a drop-in names is there while its folder has the token; a number that is used again is in another folder. */
const look = String.raw`
my ($folder, @drop_ins) = @ARGV;
my ($found, $lives) = (-e $folder, 0);
for (@drop_ins) {
  lstat $_ or next;
  $found = 1;
  open my $f, "<", $_ or next;
  local $/;
  my ($token) = <$f> =~ m{^ConditionPathExists=!(/proc/\d+/cwd/\w+)$}m;
  $lives = 1 if defined $token && -e $token;
}
print $lives ? "at work" : "left" if $found;
`;

export function heldUnits(units: readonly string[]): Fact<Hold> {
  return {
    id: 'held-units',
    ...inPerl(look, [hold.folder, ...units.map(holdOf)]),
    parse: ({ stdout }) => {
      if (stdout === '') return 'none';
      if (stdout !== 'at work' && stdout !== 'left')
        throw unreadable('the look for held units printed something else than what it knows');
      return stdout;
    },
  };
}
