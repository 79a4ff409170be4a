import { chmodSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { Offers } from '../../../../src/remote/ssh2/offers.js';
import { SshBench } from '../../../support/ssh/bench.js';

const bench = new SshBench();
afterEach(() => bench.clear());
afterAll(() => bench.folder.remove());

const password = new Secret('env PASSWORD', () => 'hunter2');

it('a password that the server does not take is not told of as offered', async () => {
  const offers = new Offers({ identities: [{ kind: 'password', password }], passedOver: [] }, 'root');
  expect(await offers.next(undefined)).toMatchObject({ type: 'none' });
  expect(await offers.next(['publickey'])).toBeUndefined();
  expect(offers.isPasswordGiven).toBe(false);
  expect(offers.story).toEqual([]);
});

it('a password is given when the server asks for it, and told of from then on', async () => {
  const offers = new Offers({ identities: [{ kind: 'password', password }], passedOver: [] }, 'root');
  await offers.next(undefined);
  const offer = await offers.next(['keyboard-interactive']);
  expect(offers.isPasswordGiven).toBe(false);
  if (offer?.type !== 'keyboard-interactive') throw new Error('another method is offered');
  const answers: string[] = [];
  offer.prompt('', '', '', [{ prompt: 'Password: ', echo: false }], (given) => answers.push(...given));
  expect(answers).toEqual(['hunter2']);
  expect(offers.story).toEqual([`offered: the password (${password.label})`]);
});

it('what was passed over before anything was offered is told of where nothing lets in', async () => {
  const exposed = bench.folder.key('exposed');
  chmodSync(exposed.path, 0o644);
  const server = await bench.start({ authorized: [] });
  const configFile = bench.folder.file('config');
  writeFileSync(configFile, `IdentityFile ${exposed.path}\nIdentityFile ${bench.identity.path}\n`);
  await expect(bench.connect(server, { identityFile: undefined, configFile })).rejects.toMatchObject({
    code: 'AUTH_REFUSED',
    details: { output: expect.stringContaining(`passed over: ${exposed.path}: `) as unknown },
  });
});

it('a server that hangs up before the right key was offered is told of as such, with what it was not given', async () => {
  const wrong = ['one', 'two', 'three'].map((name) => bench.folder.key(name).path);
  const server = await bench.start({ maxTries: 2 });
  const configFile = bench.folder.file('config');
  writeFileSync(configFile, [...wrong, bench.identity.path].map((path) => `IdentityFile ${path}\n`).join(''));
  const { port } = server;
  await expect(bench.connect(server, { identityFile: undefined, configFile })).rejects.toMatchObject({
    code: 'AUTH_REFUSED',
    message: `127.0.0.1:${port} ended the login of root before everything was offered: it takes only so many keys (MaxAuthTries)`,
    details: {
      output: expect.stringMatching(new RegExp(`offered: .*one[^]*not offered: ${bench.identity.path}$`)) as unknown,
      hint: expect.stringContaining('ssh.identityFile') as unknown,
    },
  });
});
