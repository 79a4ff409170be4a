import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

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

/** What keeps keepalived out of elections is a flag; a run leaves a mark of its own beside it. */
export const standing: Fact<Standing> = {
  id: 'standing',
  ...inPerl(look, ['/run/ha-deploy/maintenance', '/run/ha-deploy/standing-back']),
  parse: ({ stdout }) => {
    const found = standings.find((candidate) => stdout === `${candidate}\n`);
    if (found === undefined)
      throw unreadable('the test of the maintenance flag printed something else than a standing');
    return found;
  },
};
