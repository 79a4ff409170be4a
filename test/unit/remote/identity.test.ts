import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findIdentities, type IdentitySources, inspectKey, type KeyFile } from '../../../src/remote/identity.js';
import { blobOf, KeyFolder, type KeyPair } from '../../support/ssh/keys.js';

const folder = new KeyFolder();
let plain: KeyPair;
let encrypted: KeyPair;
beforeAll(() => {
  plain = folder.key('plain');
  encrypted = folder.key('encrypted', 'ed25519', 'passphrase');
});
afterAll(() => folder.remove());

function sources(files: Readonly<Record<string, string | KeyFile>>, agent?: string): IdentitySources {
  return {
    env: { SSH_AUTH_SOCK: agent },
    home: '/home/ops',
    readKey: async (path) => {
      const file = files[path];
      if (file === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return await Promise.resolve(typeof file === 'string' ? { bytes: Buffer.from(file), exposed: false } : file);
    },
  };
}

describe('a given key file', () => {
  it('is offered alone', async () => {
    const found = await findIdentities(
      '/key',
      sources({ '/key': plain.privateKey, '/home/ops/.ssh/id_rsa': plain.privateKey }, '/agent'),
    );
    expect(found).toEqual([{ kind: 'file', path: '/key', privateKey: Buffer.from(plain.privateKey) }]);
  });

  it('that is encrypted, or only its public half, is asked of the agent', async () => {
    const only = (path: string, pair: KeyPair): unknown => [
      { kind: 'agent', socket: '/agent', only: { path, publicKey: blobOf(pair.publicKey) } },
    ];
    expect(await findIdentities('/key', sources({ '/key': encrypted.privateKey }, '/agent'))).toEqual(
      only('/key', encrypted),
    );
    expect(await findIdentities('/key.pub', sources({ '/key.pub': plain.publicKey }, '/agent'))).toEqual(
      only('/key.pub', plain),
    );
  });

  it.each<[string, Record<string, string | KeyFile>, string]>([
    ['is missing', {}, 'cannot be read: ENOENT'],
    ['may be read by others', { '/key': { bytes: Buffer.from('-----BEGIN'), exposed: true } }, 'may be read by others'],
    ['is an encrypted PKCS#8 file', { '/key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\n' }, 'is encrypted'],
    [
      'is an encrypted PEM file',
      { '/key': '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n' },
      'is encrypted',
    ],
  ])('that %s is an error', async (_what, files, message) => {
    const includes: unknown = expect.stringContaining(message);
    await expect(findIdentities('/key', sources(files))).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      message: includes,
    });
  });
});

describe('without a key file', () => {
  it('the agent comes first, then the usual files that can be used', async () => {
    const files = {
      '/home/ops/.ssh/id_rsa': plain.privateKey,
      '/home/ops/.ssh/id_ecdsa': encrypted.privateKey,
      '/home/ops/.ssh/id_ed25519': plain.privateKey,
    };
    const found = await findIdentities(undefined, sources(files, '/agent'));
    expect(found.map((identity) => (identity.kind === 'agent' ? identity.socket : identity.path))).toEqual([
      '/agent',
      '/home/ops/.ssh/id_ed25519',
      '/home/ops/.ssh/id_rsa',
    ]);
  });

  it('and none in the usual places, it says why each of them is none', async () => {
    const output: unknown = expect.stringMatching(
      /id_ed25519 cannot be read: ENOENT\n.*id_ecdsa is encrypted\n.*id_rsa cannot be read/,
    );
    await expect(
      findIdentities(undefined, sources({ '/home/ops/.ssh/id_ecdsa': encrypted.privateKey }, '')),
    ).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      details: { output },
    });
  });
});

describe('inspectKey', () => {
  it('tells private, public and encrypted keys apart', () => {
    expect(inspectKey(Buffer.from(plain.privateKey))).toEqual({ kind: 'private' });
    expect(inspectKey(Buffer.from(plain.publicKey))).toEqual({ kind: 'public', publicKey: blobOf(plain.publicKey) });
    expect(inspectKey(Buffer.from(encrypted.privateKey))).toEqual({
      kind: 'encrypted',
      publicKey: blobOf(encrypted.publicKey),
    });
  });

  it('takes what is broken for a private key, for the library to refuse', () => {
    const [begin = '', ...rest] = encrypted.privateKey.split('\n');
    for (const broken of ['', 'x', `${begin}\n${rest[0]?.slice(0, 40) ?? ''}\n-----END OPENSSH PRIVATE KEY-----\n`]) {
      expect(inspectKey(Buffer.from(broken))).toEqual({ kind: 'private' });
    }
  });
});
