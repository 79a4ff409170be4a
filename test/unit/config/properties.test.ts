import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { canonicalAddress } from '../../../src/cluster/values/address.js';
import { ConfigError } from '../../../src/config/problems/config-error.js';
import type { ConfigProblem } from '../../../src/config/problems/finding.js';
import { printableValue } from '../../../src/config/problems/show.js';
import { cases } from '../../support/thoroughness.js';
import { failure, load } from './support.js';

const minimal = readFileSync(new URL('../../../examples/minimal.yaml', import.meta.url), 'utf8');
const absolute = (path: string) => resolve('/etc/lb', path.replace(/^~(?=\/|$)/, '/home/me'));

/** A place for text, the configuration with text there, and what the cluster then has there. */
type Place = [
  path: string,
  at: (text: string) => object,
  loaded: (cluster: Cluster) => unknown,
  spelling?: (text: string) => unknown,
];

const nodes = { a: '192.0.2.1', b: '192.0.2.2' };
const server = '192.0.2.9:80';
const base = { name: 'lb', vip: '192.0.2.10', nodes, services: { web: { port: 80, servers: [server] } } };
const withService = (service: object) => ({
  ...base,
  services: { web: { port: 80, mode: 'http', servers: [server], ...service } },
});
const email = { to: ['ops@example.com'], from: 'lb@example.com' };
const first = 0;

/** Milliseconds: hundreds of files are loaded, on whatever machine this is. */
const slow = 60_000;

const places: Place[] = [
  ['name', (name) => ({ ...base, name }), (cluster) => cluster.name],
  ['vip', (vip) => ({ ...base, vip }), (cluster) => cluster.vips[first]?.address, canonicalAddress],
  [
    'vip.interface',
    (device) => ({ ...base, vip: { address: '192.0.2.10', interface: device } }),
    (cluster) => cluster.vips[first]?.interface,
  ],
  [
    'nodes.<name>',
    (name) => ({ ...base, nodes: { [name]: '192.0.2.1', b: '192.0.2.2' } }),
    (cluster) => cluster.nodes.find((node) => node.address === '192.0.2.1')?.name,
  ],
  [
    'nodes.a',
    (address) => ({ ...base, nodes: { a: address, b: '192.0.2.2' } }),
    (cluster) => cluster.nodes[first]?.address,
    canonicalAddress,
  ],
  [
    'nodes.a.interface',
    (device) => ({ ...base, nodes: { ...nodes, a: { address: '192.0.2.1', interface: device } } }),
    (cluster) => cluster.nodes[first]?.interface,
  ],
  ['ssh.user', (user) => ({ ...base, ssh: { user } }), (cluster) => cluster.nodes[first]?.ssh.user],
  [
    'ssh.identityFile',
    (identityFile) => ({ ...base, ssh: { identityFile } }),
    (cluster) => cluster.nodes[first]?.ssh.identityFile,
    absolute,
  ],
  [
    'ssh.knownHosts',
    (knownHosts) => ({ ...base, ssh: { knownHosts } }),
    (cluster) => cluster.nodes[first]?.ssh.knownHosts,
    absolute,
  ],
  [
    'nodes.a.ssh.host',
    (host) => ({ ...base, nodes: { ...nodes, a: { address: '192.0.2.1', ssh: { host } } } }),
    (cluster) => cluster.nodes[first]?.ssh.host,
    (text) => canonicalAddress(text) ?? text,
  ],
  ['vrrp.extra', (extra) => ({ ...base, vrrp: { extra } }), (cluster) => cluster.vrrp.extra],
  [
    'vrrp.email.to',
    (to) => ({ ...base, vrrp: { email: { ...email, to: [to] } } }),
    (cluster) => cluster.vrrp.email?.to[first],
  ],
  [
    'vrrp.email.from',
    (from) => ({ ...base, vrrp: { email: { ...email, from } } }),
    (cluster) => cluster.vrrp.email?.from,
  ],
  [
    'vrrp.email.smtpServer',
    (smtpServer) => ({ ...base, vrrp: { email: { ...email, smtpServer } } }),
    (cluster) => cluster.vrrp.email?.smtpServer,
  ],
  [
    'services.<name>',
    (name) => ({ ...base, services: { [name]: { port: 80, servers: [server] } } }),
    (cluster) => cluster.services[first]?.name,
  ],
  ['services.web.balance', (balance) => withService({ balance }), (cluster) => cluster.services[first]?.balance],
  [
    'services.web.health.path',
    (path) => withService({ health: { type: 'http', path } }),
    (cluster) => cluster.services[first]?.health.path,
  ],
  [
    'services.web.servers.<name>',
    (name) => withService({ servers: { [name]: server } }),
    (cluster) => cluster.services[first]?.servers[first]?.name,
  ],
  [
    'services.web.servers',
    (text) => withService({ servers: [`${text}:80`] }),
    (cluster) => cluster.services[first]?.servers[first]?.address,
  ],
  ['services.web.extra', (extra) => withService({ extra }), (cluster) => cluster.services[first]?.extra],
  ['stats.uri', (uri) => ({ ...base, stats: { uri } }), (cluster) => cluster.stats?.uri],
  [
    'stats.bind',
    (bind) => ({ ...base, stats: { bind } }),
    (cluster) => cluster.stats?.bind,
    (text) => canonicalAddress(text) ?? text,
  ],
  [
    'stats.auth.user',
    (user) => ({ ...base, stats: { auth: { user, password: { env: 'A' } } } }),
    (cluster) => cluster.stats?.auth?.user,
  ],
  [
    'stats.auth.password.env',
    (env) => ({ ...base, stats: { auth: { user: 'a', password: { env } } } }),
    (cluster) => cluster.secrets[first]?.origin,
    (text) => `env ${text}`,
  ],
  [
    'stats.auth.password.file',
    (file) => ({ ...base, stats: { auth: { user: 'a', password: { file } } } }),
    (cluster) => cluster.secrets[first]?.origin,
    (text) => `file ${printableValue(absolute(text))}`,
  ],
  [
    'haproxy.extraGlobal',
    (extraGlobal) => ({ ...base, haproxy: { extraGlobal } }),
    (cluster) => cluster.haproxy.extraGlobal,
  ],
];

/** Mostly text that could pass, and text that would be syntax where it ends up. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...'abz019._-:/@%#{}"\'\\ \n\t$!~'.split('')), maxLength: 12 }),
  fc.ipV4(),
  fc.ipV6(),
  fc.domain(),
  fc.emailAddress(),
  fc.webPath(),
);

/** What loading comes to: the cluster, or the problems that are told; anything else is thrown on. */
function outcome(text: string): { readonly cluster?: Cluster; readonly problems: readonly ConfigProblem[] } {
  try {
    return { cluster: load(text).cluster, problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError) || isUnprintable(error.message)) throw error;
    return { problems: error.problems };
  }
}

function isUnprintable(message: string): boolean {
  return /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(message.replaceAll('\n', ''));
}

it(
  'text anywhere is loaded as it is, or refused with its place',
  () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), anyText, ([path, at, loaded, spelling = String], text) => {
        const { cluster, problems } = outcome(JSON.stringify(at(text), null, 1));
        const isRefused = problems.length > 0 && problems.every(({ line, column }) => line >= 1 && column >= 1);
        const value = cluster === undefined ? undefined : loaded(cluster);
        expect({ path, text, value, isRefused }).toEqual(
          cluster === undefined
            ? { path, text, value: undefined, isRefused: true }
            : { path, text, value: spelling(text), isRefused: false },
        );
      }),
      { numRuns: cases(500) },
    );
  },
  slow,
);

it(
  'no text makes loading fail in any other way',
  () => {
    fc.assert(
      fc.property(brokenFile(), (text) => {
        expect(() => outcome(text)).not.toThrow();
      }),
      { numRuns: cases(250) },
    );
  },
  slow,
);

it(
  'a secret that is written into the file shows nowhere',
  () => {
    const secret = 'S3cr3tS3cr3t';
    const key = fc.constantFrom('password', 'passwd', 'pasword', 'secret', 'token');
    const shape = fc.constantFrom(
      (text: string) => text,
      (text: string) => JSON.stringify(text),
      (text: string) => `{ ${text} }`,
      (text: string) => `{ value: ${text} }`,
      (text: string) => `[ ${text} ]`,
      (text: string) => `|\n      ${text}`,
      (text: string) => `\n      ${text}`,
      (text: string) => `"${text}`,
      (text: string) => `{ env: "${text} ${text}" }`,
      (text: string) => `${text}: x`,
      (text: string) => `@${text}`,
      (text: string) => `&a ${text}`,
      (text: string) => `!t ${text}`,
    );
    fc.assert(
      fc.property(
        key,
        shape,
        fc.constantFrom('vrrp', 'stats'),
        fc.constantFrom('', ' x', ': y', '\n    type: }'),
        (name, write, section, rest) => {
          const error = failure(
            `${minimal}${section}:\n  auth:\n    ${name}: ${write(secret)}${rest}\n`,
          ) as ConfigError;
          expect(error).toBeInstanceOf(ConfigError);
          expect(error.message + JSON.stringify(error.problems)).not.toContain(secret);
        },
      ),
      { numRuns: cases(150) },
    );
  },
  slow,
);

/** Text of any kind, and configurations in which something was cut, doubled or put in. */
function brokenFile(): fc.Arbitrary<string> {
  const edits = fc.array(
    fc.record({
      at: fc.nat({ max: minimal.length }),
      cut: fc.nat({ max: 8 }),
      put: fc.oneof(
        fc.constantFrom(
          '\n',
          '\t',
          '  ',
          ': ',
          '- ',
          '{',
          '}',
          '[',
          ']',
          '"',
          "'",
          '#',
          '|',
          '&a ',
          '*a',
          '!x ',
          '? ',
          '<<: ',
          '---\n',
          '%',
        ),
        fc.string({ maxLength: 4 }),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  );
  const edited = edits.map((all) =>
    all.reduce((text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut), minimal),
  );
  return fc.oneof(edited, fc.string({ unit: 'binary', maxLength: 60 }), fc.json({ maxDepth: 4 }));
}
