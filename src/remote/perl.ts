import { Shell, sh, type Word } from './shell.js';

/** A program of ours, and the words that it finds in `@ARGV`: values reach it as words, and never as its text. */
export interface Perl {
  readonly program: string;
  readonly words: readonly Word[];
}

/**
 * A probe in Perl, which every Debian has (perl-base is Essential). Its program says no by `die`, and never exits, as it shares
 * an interpreter with all others of an exec: a host that starts one process answers in a quarter of the time that thirty take.
 */
export function inPerl(program: string, words: readonly Word[] = []): { readonly command: Shell; readonly perl: Perl } {
  return { command: sh`perl -e ${program} ${words}`, perl: { program, words } };
}

/** A probe of many, and its place among them. */
export interface PlacedPerl extends Perl {
  readonly index: number;
}

/**
 * Of what the programs have in common: each runs as if it were alone, and what the others print follows at the end. Nobody but root
 * may see the nonce (see `frames.ts`).
 */
const harness = String.raw`
open my $others, "<&", \*STDIN;
open STDIN, "<", "/dev/null";
my $nonce = delete $ENV{hd_nonce};
sub hd_mark { print "\036$nonce $_[0]\036" }
while (my ($index, $program, $count) = splice @ARGV, 0, 3) {
  my @words = splice @ARGV, 0, $count;
  hd_mark "start $index";
  my $is_fine = eval { local @ARGV = @words; $hd_programs[$program]->(); 1 };
  hd_mark "end $index " . ($is_fine ? 0 : 1);
}
print while read $others, $_, 65536;
`;

/** What a shell answers with that finds no such program. */
const notFound = 127;

/**
 * Shell that answers all of them, where there is a `hd_mark` that does so; each program is in it once.
 * @param others what answers the probes that are not in Perl, which runs meanwhile
 */
export function perlScript(probes: readonly PlacedPerl[], others: Shell, nonce: string): Shell {
  const programs = [...new Set(probes.map(({ program }) => program))];
  const text = `${programs.map((program) => `push @hd_programs, sub {\n${program}\n};`).join('\n')}${harness}`;
  const words = probes.flatMap(({ index, program, words: own }) => [
    index,
    programs.indexOf(program),
    own.length,
    ...own,
  ]);
  const indices = Shell.literal(probes.map(({ index }) => index).join(' '));
  return sh`hd_others() {
:
${others}
}
if command -v perl >/dev/null; then
hd_others | hd_nonce=${nonce} perl -e ${text} ${words} 2>/dev/null
else
hd_others
for hd in ${indices}; do hd_mark "start $hd"; hd_mark "end $hd ${notFound}"; done
fi`;
}
