import { existsSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import type { Ask } from '../../../../src/remote/link/ask.js';
import { SshBench } from '../../../support/ssh/bench.js';

const bench = new SshBench();
afterEach(() => bench.clear());
afterAll(() => bench.folder.remove());

const password = { word: 'hunter2', by: 'password' } as const;
const right = new Secret('env PASSWORD', () => 'hunter2');

function asker(): { readonly asked: string[]; readonly ask: (question: string) => Promise<Secret> } {
  const asked: string[] = [];
  const ask = (question: string): Promise<Secret> => {
    asked.push(question);
    return Promise.resolve(right);
  };
  return { asked, ask };
}

it('the password is given to no program that leads to the host, which would hand it to another', async () => {
  const far = await bench.start({ authorized: [], password });
  const near = await bench.start({ authorized: [], password, forwards: true });
  bench.know('localhost', near.port);
  const configFile = bench.folder.file('config');
  const ssh = `ssh -F none -o UserKnownHostsFile=${bench.knownHosts} -p ${near.port}`;
  writeFileSync(configFile, `ProxyCommand ${ssh} -W %h:%p 'guest'@localhost\n`);
  const target = { configFile, identityFile: undefined, password: right, transport: 'openssh' } as const;
  await expect(bench.connect(far, target)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(near.attempts.filter((attempt) => attempt.endsWith('right'))).toEqual([]);
  expect(near.logins).toBe(1);
  // Whoever is there is asked for it.
  const { asked, ask } = asker();
  await bench.connect(far, target, { ask });
  expect(asked).toEqual(["guest@localhost's password: "]);
});

it('nor to one that leads to a host on the way', async () => {
  const far = await bench.start({ authorized: [], password });
  const near = await bench.start({ authorized: [], password, forwards: true });
  const first = await bench.start({ authorized: [], password, forwards: true });
  bench.know('localhost', near.port);
  bench.know('localhost', first.port);
  const configFile = bench.folder.file('config');
  const ssh = `ssh -F none -o UserKnownHostsFile=${bench.knownHosts} -p ${first.port}`;
  writeFileSync(
    configFile,
    `Host near\n HostName localhost\n Port ${near.port}\n ProxyCommand ${ssh} -W %h:%p first@localhost\n`,
  );
  const target = {
    configFile,
    identityFile: undefined,
    password: right,
    transport: 'openssh',
    proxyJump: 'near',
  } as const;
  await expect(bench.connect(far, target)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect([...near.attempts, ...first.attempts].filter((attempt) => attempt.endsWith('right'))).toEqual([]);
  const { asked, ask } = asker();
  await bench.connect(far, target, { ask });
  expect(asked.map((question) => question.split("'")[0])).toEqual([
    'first@localhost',
    expect.stringMatching(/@localhost$/),
  ]);
});

it('a passphrase opens the key for a host on the way as well', async () => {
  const encrypted = bench.folder.key('encrypted', 'ed25519', 'passphrase');
  const authorized = [encrypted.publicKey];
  const far = await bench.start({ authorized });
  const near = await bench.start({ authorized, forwards: true });
  bench.know('localhost', near.port);
  const passphrase = new Secret('env PASSPHRASE', () => 'passphrase');
  const target = { identityFile: encrypted.path, passphrase, proxyJump: `localhost:${near.port}` };
  await bench.connect(far, { ...target, transport: 'openssh' });
  expect([near, far].map(({ attempts }) => attempts.at(-1))).toEqual(['publickey signed', 'publickey signed']);
});

it('a password that is typed is remembered for the host that asks for it, by the name that ssh gives it', async () => {
  const server = await bench.start({ authorized: [], password });
  const configFile = bench.folder.file('config');
  writeFileSync(configFile, `Host LB\n HostName LocalHost\n`);
  bench.know('localhost', server.port);
  const memories: string[] = [];
  const ask: Ask = (_question, memory) => {
    memories.push(memory);
    return Promise.resolve(right);
  };
  const target = { configFile, host: 'LB', user: 'Ops', identityFile: undefined, transport: 'openssh' } as const;
  await bench.connect(server, target, { ask });
  expect(memories).toEqual(['remember']);
});

it('nothing is run here for a host on the way', async () => {
  const far = await bench.start();
  const near = await bench.start({ forwards: true });
  bench.know('localhost', near.port);
  const configFile = bench.folder.file('config');
  const sign = bench.folder.file('ran');
  const local = ` PermitLocalCommand yes\n LocalCommand touch ${sign}\n`;
  writeFileSync(configFile, `Host near\n HostName localhost\n Port ${near.port}\n${local}`);
  await bench.connect(far, { configFile, proxyJump: 'near', transport: 'openssh' });
  expect(existsSync(sign)).toBe(false);
});
