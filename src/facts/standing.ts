import { inPerl } from '../remote/perl.js';
import { type Fact, unreadable } from './fact.js';

const standings = ['taking part', 'in maintenance', 'standing back'] as const;

/** Whether a node takes part in elections, is kept out of them by an operator, or by a run of ours. */
export type Standing = (typeof standings)[number];

const look = String.raw`
my ($maintenance, $mark) = @ARGV;
my $flag = "";
if (open my $f, "<", $maintenance) { read $f, $flag, 1 }
# An operator writes 1, a run 2; earlier versions wrote 1, and left an empty mark.
my $is_back = $flag eq "2" || $flag eq "1" && -e $mark && -z $mark;
print $is_back ? "standing back" : $flag eq "1" ? "in maintenance" : "taking part", "\n";
`;

/** @param flags the paths of keepalived's maintenance flag and of the mark that a run leaves beside it */
export function standing(flags: { readonly maintenance: string; readonly standingBack: string }): Fact<Standing> {
  return {
    id: 'standing',
    ...inPerl(look, [flags.maintenance, flags.standingBack]),
    parse: ({ stdout }) => {
      const found = standings.find((candidate) => stdout === `${candidate}\n`);
      if (found === undefined)
        throw unreadable('the test of the maintenance flag printed something else than a standing');
      return found;
    },
  };
}
