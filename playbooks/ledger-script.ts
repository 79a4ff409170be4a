import { askHaproxy } from '../src/facts/haproxy/haproxy.js';
import { dumpOfTerms } from '../src/facts/keepalived/keepalived.js';
import { type Shell, sh } from '../src/remote/shell.js';
import { shippedTemplate } from '../src/render/shipped.js';
import { hearAdverts } from './hear-adverts.js';
import { quickLibc } from './server-names.js';

/** The files of `templates/ledger/`, in the order in which they are read. */
export const ledgerParts = ['store', 'lease', 'generations', 'elections', 'restore', 'run', 'watch'] as const;

/**
 * What keeps the ledger of a node, as one shell script: `sh ledger.sh <function> <arguments>`. A run writes it to the node; the watch of a
 * lease and the boot use the same.
 * @param asking how the daemons and the wire are asked
 */
export function ledgerScript(asking: Shell = askingTheHost): string {
  const parts = ledgerParts.map((name) => shippedTemplate(`ledger/${name}.sh`).source);
  return [
    '# Written by ha-deploy. How a node remembers what was done to it, and goes back by itself when a run is lost.\n',
    sh`quick_libc=${quickLibc}\n`.reveal(),
    asking.reveal(),
    ...parts,
    '"$@"\n',
  ].join('\n');
}

const haproxyShows = `${askHaproxy}
my $info = ask_haproxy("show info") // exit 1;
print "$1\\n" if $info =~ /^description: (.*)$/m;
`;

const askingTheHost = sh`dump_keepalived() {
${dumpOfTerms}
}
ask_haproxy() {
perl -e ${haproxyShows} 2>/dev/null
}
hear_adverts() {
perl -e ${hearAdverts} "$@"
}
`;
