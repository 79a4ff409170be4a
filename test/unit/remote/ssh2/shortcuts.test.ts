import { once } from 'node:events';
import ssh2 from 'ssh2';
import { afterAll, expect, it } from 'vitest';
import { leaveOtherHostKeys } from '../../../../src/remote/ssh2/shortcuts.js';
import { KeyFolder } from '../../../support/ssh/keys.js';
import { TestServer } from '../../../support/ssh/server.js';

const folder = new KeyFolder();
afterAll(() => folder.remove());

/** Tells a client what OpenSSH tells it after the login. @returns what the client then asked for, globally */
async function toldOfHostKeys(prepare: (client: ssh2.Client) => void): Promise<readonly string[]> {
  const hostKey = folder.key('host');
  const identity = folder.key('identity');
  const server = await TestServer.start({ hostKeys: [hostKey.privateKey], authorized: [identity.publicKey] });
  const client = new ssh2.Client();
  const asked: string[] = [];
  try {
    const ready = once(client, 'ready');
    client.connect({ host: '127.0.0.1', port: server.port, username: 'ops', privateKey: identity.privateKey });
    prepare(client);
    await ready;
    const protocol = Object(Reflect.get(client, '_protocol')) as object;
    Reflect.set(protocol, 'openssh_hostKeysProve', () => asked.push('hostkeys-prove-00@openssh.com'));
    const handlers = Object(Reflect.get(protocol, '_handlers')) as object;
    const blob = Buffer.from(hostKey.publicKey.split(' ')[1] ?? '', 'base64');
    Reflect.apply(Reflect.get(handlers, 'GLOBAL_REQUEST') as () => void, handlers, [
      protocol,
      'hostkeys-00@openssh.com',
      false,
      [blob],
    ]);
    return asked;
  } finally {
    // How a server ends the connection is its own affair.
    client.on('error', () => undefined).end();
    await server.stop();
  }
}

it('asks for the other keys of a host, as ssh2 is built, unless told not to', async () => {
  expect(await toldOfHostKeys(() => undefined)).toHaveLength(1);
  expect(await toldOfHostKeys(leaveOtherHostKeys)).toEqual([]);
});
