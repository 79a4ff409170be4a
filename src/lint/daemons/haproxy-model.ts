import { canonicalAddress } from '../../cluster/values/address.js';
import { parseHaproxy, type Section } from './haproxy-cfg.js';
import { type DaemonFile, type Directive, type Located, numberOf } from './source.js';

/** What the rules have to know of an haproxy.cfg. */
export interface HaproxyConf {
  readonly file: string;
  /** The global `maxconn`; HAProxy computes it where the file does not say. */
  readonly maxConnections?: Located<number> | undefined;
  readonly proxies: readonly Proxy[];
}

/** A frontend, a backend, or a `listen` that is both; what it does not say itself comes from its defaults. */
export interface Proxy {
  readonly kind: 'frontend' | 'backend' | 'listen';
  readonly name: string;
  readonly line: number;
  readonly mode: string;
  /** Whether clients can connect to it, on whatever kind of socket. */
  readonly listens: boolean;
  readonly binds: readonly Bind[];
  /** The paths of the Unix sockets that it listens on. */
  readonly sockets: readonly string[];
  /** How many connections it may hold: `global` for as many as HAProxy, `unknown` for what the file does not tell. */
  readonly limit: number | 'global' | 'unknown';
  readonly servers: readonly ServerLine[];
  /** The backends that a frontend passes on to. */
  readonly backends: readonly string[];
  /** Milliseconds, by name: `client`, `server`, `tunnel`. */
  readonly timeouts: ReadonlyMap<string, Located<number>>;
  /** Whether it shows the statistics page. */
  readonly stats?: Located<true> | undefined;
  /** Whether the statistics page may change things. */
  readonly statsAdmin?: Located<true> | undefined;
}

/** A TCP address that is listened on; sockets of other kinds are left out. */
export interface Bind {
  readonly line: number;
  /** `*` for every address. */
  readonly address: string;
  readonly port: number;
  readonly transparent: boolean;
}

export interface ServerLine {
  readonly line: number;
  readonly name: string;
  readonly address: string;
  readonly port: number | undefined;
  readonly checked: boolean;
  /** Whether checks speak TLS. */
  readonly checkedByTls: boolean;
  /** `verify`, as written. */
  readonly verify: string | undefined;
  /** Whether its name is looked up before HAProxy starts, and nothing says that it may start without. */
  readonly mustResolve: boolean;
}

/** @throws DeployError DAEMON_CONFIG_UNREADABLE with file and line */
export function readHaproxy(source: DaemonFile): HaproxyConf {
  const proxies: Proxy[] = [];
  const known: Section[] = [];
  let maxConnections: Located<number> | undefined;
  for (const section of parseHaproxy(source)) {
    if (section.keyword === 'global') maxConnections = maxconnOf(section.directives) ?? maxConnections;
    if (section.keyword === 'defaults') known.push(section);
    const kind = kinds.find((candidate) => candidate === section.keyword);
    if (kind === undefined) continue;
    const base = section.from === undefined ? known.at(-1) : known.findLast(({ name }) => name === section.from);
    proxies.push(proxy(kind, section, [...(base?.directives ?? []), ...section.directives]));
  }
  return { file: source.file, maxConnections, proxies };
}

const kinds = ['frontend', 'backend', 'listen'] as const;

/** @param all the defaults' directives, and then the section's own */
function proxy(kind: Proxy['kind'], { name, line, directives }: Section, all: readonly Directive[]): Proxy {
  const own = (keyword: string) => directives.filter(({ words }) => words[0] === keyword);
  const options = all.filter(({ words }) => words[0] === 'default-server').flatMap(({ words }) => words.slice(1));
  return {
    kind,
    name,
    line,
    mode: all.findLast(({ words }) => words[0] === 'mode')?.words[1] ?? 'tcp',
    listens: own('bind').length > 0,
    binds: own('bind').flatMap(binds),
    sockets: own('bind').flatMap(({ words: [, list = ''] }) => list.split(',').flatMap(socketOf)),
    limit: limitOf(own('bind'), all),
    servers: own('server').map((directive) => server(directive, options)),
    backends: [...own('default_backend'), ...own('use_backend')].flatMap(({ words: [, backend] }) => backend ?? []),
    timeouts: new Map(
      all.flatMap(({ words: [keyword, what = '', text = ''], line: at }): [string, Located<number>][] => {
        const value = keyword === 'timeout' ? durationOf(text) : undefined;
        return value === undefined ? [] : [[what, { value, line: at }]];
      }),
    ),
    stats: flag(
      all.find(({ words: [first, second] }) => first === 'stats' && (second === 'enable' || second === 'uri')),
    ),
    statsAdmin: flag(directives.find(({ words: [first, second] }) => first === 'stats' && second === 'admin')),
  };
}

function flag(directive: Directive | undefined): Located<true> | undefined {
  return directive && { value: true, line: directive.line };
}

function binds({ line, words: [, list = '', ...options] }: Directive): Bind[] {
  return list.split(',').flatMap((text) => {
    const [, address = '', port = ''] = /^(?:ipv[46]@)?(.*?):(\d{1,5})(?:-\d+)?$/.exec(text) ?? [];
    if (port === '' || /^(unix|abns|fd|sockpair)@|^\//.test(text)) return [];
    const transparent = options.includes('transparent');
    return [{ line, address: addressOf(address), port: Number(port), transparent }];
  });
}

function socketOf(text: string): string[] {
  const [, path] = /^(?:unix@)?(\/.*)$/.exec(text) ?? [];
  return path === undefined ? [] : [path];
}

/** 0 is as good as none. A limit of every listener of its own is not added up. */
function limitOf(own: readonly Directive[], all: readonly Directive[]): Proxy['limit'] {
  if (own.length > 0 && own.every(({ words }) => words.includes('maxconn'))) return 'unknown';
  if (!all.some(({ words }) => words[0] === 'maxconn')) return 'global';
  const given = maxconnOf(all)?.value;
  return given === undefined ? 'unknown' : given || 'global';
}

/** Undefined for what is no number, such as a variable. */
function maxconnOf(directives: readonly Directive[]): Located<number> | undefined {
  const found = directives.findLast(({ words }) => words[0] === 'maxconn');
  const value = numberOf(found?.words[1]);
  return found === undefined || value === undefined ? undefined : { value, line: found.line };
}

function addressOf(text: string): string {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (['', '*', '0.0.0.0', '::'].includes(bare)) return '*';
  return canonicalAddress(bare) ?? bare;
}

function server(
  { line, words: [, name = '', endpoint = '', ...own] }: Directive,
  defaults: readonly string[],
): ServerLine {
  const [, address = endpoint, port] = /^(.*?):(\d{1,5})$/.exec(endpoint) ?? [];
  const options = [...defaults, ...own];
  const has = (option: string) => options.lastIndexOf(option) > options.lastIndexOf(`no-${option}`);
  const verify = options.lastIndexOf('verify');
  return {
    line,
    name,
    address: addressOf(address),
    port: port === undefined ? undefined : Number(port),
    checked: has('check'),
    checkedByTls: has('check-ssl') || (has('ssl') && !options.includes('no-check-ssl')),
    verify: verify < 0 ? undefined : options[verify + 1],
    mustResolve: isName(address) && !startsWithoutAddress(options),
  };
}

/** A host name; not an address, a socket or a variable. A label of SRV records, which begins with `_`, is never asked of libc. */
function isName(address: string): boolean {
  const name = address.replace(/^(?:ipv[46]|tcp[46]?)@/, '');
  return /^[a-z0-9][a-z0-9_.-]*$/i.test(name) && /[a-z]/i.test(name) && canonicalAddress(name) === undefined;
}

/** By its own word: with `resolvers` alone it does from 2.3 on, once libc has been asked. */
function startsWithoutAddress(options: readonly string[]): boolean {
  const at = options.lastIndexOf('init-addr');
  const methods = at < 0 ? [] : (options[at + 1] ?? '').split(',');
  return methods.some((method) => method === 'none' || canonicalAddress(method) !== undefined);
}

const units: Readonly<Record<string, number | undefined>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, as HAProxy writes times; nothing for anything else. */
function durationOf(text: string): number | undefined {
  const [, amount, unit = 'ms'] = /^(\d{1,12})(us|ms|s|m|h|d)?$/.exec(text) ?? [];
  return amount === undefined ? undefined : Number(amount) * (units[unit] ?? 1);
}
