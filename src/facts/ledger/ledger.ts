import { inPerl } from '../../remote/perl.js';
import { type Fact, unreadable } from '../fact.js';

/** Who may change a node at present, as `templates/ledger/` wrote it. Everything in it is what some client said of itself. */
export interface Lease {
  readonly token: string;
  /** Counts the leases of this node. */
  readonly fence: number;
  /** `<user>@<host>`. */
  readonly holder: string;
  /** The machine that the holder works on, as a digest. */
  readonly machine: string;
  readonly pid: number;
  /** When that process started, in its machine's own words. */
  readonly process: string;
  readonly command: string;
  /** Seconds since 1970, by the holder's clock. */
  readonly since: number;
  /** On the node's clock, from now; not above 0 when it has run out. */
  readonly secondsLeft: number;
}

/** A confirmed state of the node. */
export interface Generation {
  readonly id: number;
  /** Which run made it: two runs that went on without each other's nodes may have given one number to different things. */
  readonly run: string;
  readonly cluster: string;
  readonly by: string;
  /** Seconds since 1970, by the clock of whoever made it. */
  readonly at: number;
  /** The version of ha-deploy. */
  readonly tool: string;
  /** A digest of what was wanted. */
  readonly config: string;
  /** What was done, in a few words; nothing of earlier versions. */
  readonly did: string | undefined;
  /** Why, in the words of whoever did it. */
  readonly note: string | undefined;
  /** Where the run went back on purpose: the generations that it came from, and that it made again. */
  readonly back: { readonly from: number; readonly to: number } | undefined;
  /** The services that had a server then; nothing of earlier versions. */
  readonly served: readonly string[];
  /** Who took part. */
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  /** The files that it names, but for those that a run under way has given back. */
  readonly paths: readonly string[];
  /** The kernel settings, likewise. */
  readonly sysctls: readonly string[];
}

/** A run that did not end well here, and was undone by the node or by itself. */
export interface Reverted {
  readonly why: string;
  /** Seconds since 1970, by the node's clock. */
  readonly at: number;
  /** The generation that is back; 0 is what was there before the first run. */
  readonly to: number;
  /** What was put back, `<kind>:<name>`, or a message of what failed. */
  readonly did: readonly string[];
}

/** What a node remembers of runs. */
export interface Ledger {
  readonly lease: Lease | undefined;
  /** A run has begun to change this node, and was not confirmed yet. */
  readonly unfinished: boolean;
  /** That run was to change what all nodes must agree on. */
  readonly together: boolean;
  /** It has been undone, and the node has yet to take part in elections again. */
  readonly returned: boolean;
  /** keepalived ran here before us, so that it will again when the node is left. */
  readonly servedBefore: boolean;
  /** What such a run may have left that no generation names. */
  readonly touched: { readonly paths: readonly string[]; readonly sysctls: readonly string[] };
  /** Why the node cannot be put back yet, or not take part in elections: lines, empty where nothing is due. */
  readonly due: readonly string[];
  /** The last generation, where the node has confirmed it by itself: its run was lost when all nodes had written it down. */
  readonly keptAt: number | undefined;
  /** The last confirmed one. */
  readonly generation: Generation | undefined;
  /** The last run, where it was undone. */
  readonly reverted: Reverted | undefined;
}

/** The format of heads that this version reads and writes. */
export const ledgerFormat = 1;

const state = '/var/lib/ha-deploy';

const places = {
  uptime: '/proc/uptime',
  lease: '/run/ha-deploy-lease/lease',
  unfinished: `${state}/uncommitted/target`,
  together: `${state}/uncommitted/together`,
  returned: `${state}/uncommitted/returned`,
  forgotten: `${state}/uncommitted/forgotten`,
  reverted: `${state}/reverted`,
  due: '/run/ha-deploy-lease/due',
  kept: `${state}/kept`,
  origin: `${state}/generations/0/manifest`,
  head: `${state}/current/head`,
  manifest: `${state}/current/manifest`,
} as const;

/** What a host prints that has been up for a moment, and knows nothing of us. */
export const nothingRemembered = `${places.uptime}:0.00 0.00\n`;

/** Prints all lines of all files of `@ARGV` that there are, each behind the name of its file; a `*` is any name. */
const printLines = String.raw`
for my $path (map { /\*/ ? glob $_ : $_ } @ARGV) {
  open my $f, "<", $path or next;
  while (<$f>) { chomp; print "$path:$_\n" }
}
`;

export const ledger: Fact<Ledger> = {
  id: 'ledger',
  ...inPerl(printLines, Object.values(places)),
  parse: ({ stdout }) => parseLedger(stdout),
};

function parseLedger(stdout: string): Ledger {
  const lines = stdout.split('\n');
  const of = (place: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${place}:`)).map((line) => line.slice(place.length + 1));
  const uptime = /^(\d{1,11})\.\d+ /.exec(of(places.uptime)[0] ?? '')?.[1];
  if (uptime === undefined) throw unreadable('the host does not say how long it has been up');
  const unfinished = of(places.unfinished).length > 0;
  return {
    lease: leaseOf(fieldsOf(of(places.lease)), Number(uptime)),
    unfinished,
    together: of(places.together).length > 0,
    returned: of(places.returned).length > 0,
    servedBefore: of(places.origin).includes('unit keepalived.service enabled active'),
    touched: unfinished ? touchedOf(of(places.origin), of(places.forgotten)) : { paths: [], sysctls: [] },
    due: of(places.due),
    keptAt: keptAtOf(of(places.kept)),
    generation: generationOf(fieldsOf(of(places.head)), of(places.manifest), of(places.forgotten)),
    reverted: revertedOf(of(places.reverted)),
  };
}

/** Every generation that the node can go back to, the latest first, with who made it; 0, what was there before us, is not among them. */
export const generations: Fact<readonly Omit<Generation, 'paths' | 'sysctls'>[]> = {
  id: 'generations',
  ...inPerl(printLines, [`${state}/generations/*/head`]),
  parse: ({ stdout }) => {
    const heads = new Map<string, string[]>();
    for (const line of stdout.split('\n')) {
      const match = /^\/var\/lib\/ha-deploy\/generations\/(\d{1,15})\/head:(.*)$/.exec(line);
      if (match === null) continue;
      const [, id = '', text_ = ''] = match;
      heads.set(id, [...(heads.get(id) ?? []), text_]);
    }
    return [...heads.values()]
      .flatMap((lines) => generationOf(fieldsOf(lines)) ?? [])
      .map(({ paths: _, sysctls: __, ...head }) => head)
      .toSorted((one, other) => other.id - one.id);
  },
};

type Fields = ReadonlyMap<string, string>;

function fieldsOf(lines: readonly string[]): Fields {
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

function leaseOf(fields: Fields, uptime: number): Lease | undefined {
  const token = fields.get('token');
  if (token === undefined) return undefined;
  return {
    token,
    fence: count(fields, 'fence'),
    holder: text(fields, 'holder'),
    machine: text(fields, 'machine'),
    pid: count(fields, 'pid'),
    process: text(fields, 'process'),
    command: text(fields, 'command'),
    since: count(fields, 'since'),
    secondsLeft: count(fields, 'expires') - uptime,
  };
}

/** @throws DeployError FACT_UNREADABLE where a newer version wrote it */
function generationOf(
  head: Fields,
  manifest: readonly string[] = [],
  forgotten: readonly string[] = [],
): Generation | undefined {
  if (head.size === 0) return undefined;
  const format = count(head, 'format');
  if (format > ledgerFormat)
    throw unreadable(`its last generation has format ${format}: a newer ha-deploy wrote it, and only that can read it`);
  return {
    id: count(head, 'id'),
    run: head.get('run') ?? earlierRun(head),
    cluster: text(head, 'cluster'),
    by: text(head, 'by'),
    at: count(head, 'at'),
    tool: text(head, 'tool'),
    config: text(head, 'config'),
    did: head.get('did'),
    note: head.get('note'),
    back: backOf(head.get('back')),
    served: text(head, 'served').split(' ').filter(Boolean),
    nodes: [...text(head, 'nodes').matchAll(/([^ ,]+) ([^ ,]+)/g)].map(([, name = '', address = '']) => ({
      name,
      address,
    })),
    paths: named(manifest, pathLine).filter((path) => !forgotten.includes(`path ${path}`)),
    sysctls: named(manifest, sysctlLine).filter((name) => !forgotten.includes(`sysctl ${name}`)),
  };
}

const pathLine = /^path \S+ (?:\d+|-) (\/.*)$/;

const sysctlLine = /^sysctl (\S+) /;

function touchedOf(origin: readonly string[], forgotten: readonly string[]): Ledger['touched'] {
  return {
    paths: named(origin, pathLine).filter((path) => !forgotten.includes(`path ${path}`)),
    sysctls: named(origin, sysctlLine).filter((name) => !forgotten.includes(`sysctl ${name}`)),
  };
}

function backOf(text_: string | undefined): Generation['back'] {
  const [, from, to] = /^(\d{1,9}) (\d{1,9})$/.exec(text_ ?? '') ?? [];
  return from === undefined ? undefined : { from: Number(from), to: Number(to) };
}

/** Versions that did not write down the run wrote the same of one run on all nodes. */
function earlierRun(head: Fields): string {
  return ['cluster', 'by', 'at', 'tool', 'config'].map((name) => text(head, name)).join(' ');
}

/** `<generation> <seconds since 1970>` */
function keptAtOf([line]: readonly string[]): number | undefined {
  if (line === undefined) return undefined;
  const at = /^\d{1,11} (\d{1,11})$/.exec(line)?.[1];
  if (at === undefined) throw unreadable('its ledger does not say what it kept');
  return Number(at);
}

function named(manifest: readonly string[], pattern: RegExp): string[] {
  return manifest.flatMap((line) => pattern.exec(line)?.[1] ?? []);
}

function revertedOf(lines: readonly string[]): Reverted | undefined {
  const fields = fieldsOf(lines);
  if (fields.size === 0) return undefined;
  return {
    why: text(fields, 'why'),
    at: count(fields, 'at'),
    to: count(fields, 'to'),
    did: lines.filter((line) => line.startsWith('did=')).map((line) => line.slice('did='.length)),
  };
}

function text(fields: Fields, name: string): string {
  return fields.get(name) ?? '';
}

/** @throws DeployError FACT_UNREADABLE */
function count(fields: Fields, name: string): number {
  const value = fields.get(name) ?? '';
  // Any longer, and it is no time that a Date can hold.
  if (!/^\d{1,11}$/.test(value)) throw unreadable(`its ledger says ${name}=${JSON.stringify(value.slice(0, 40))}`);
  return Number(value);
}
