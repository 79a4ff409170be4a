import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../../src/cluster/secrets/secret.js';
import { BeyondSsh2 } from '../../../../src/remote/link/beyond-ssh2.js';
import { findIdentities, type Identity, type IdentitySources } from '../../../../src/remote/login/identity.js';
import { foreignKind, inspectKey } from '../../../../src/remote/login/key-contents.js';
import type { KeyFile } from '../../../../src/remote/login/key-file.js';
import type { Login } from '../../../../src/remote/target/target.js';
import { blobOf, KeyFolder, type KeyPair, keygen } from '../../../support/ssh/keys.js';

const folder = new KeyFolder();
let plain: KeyPair;
let encrypted: KeyPair;
beforeAll(() => {
  plain = folder.key('plain');
  encrypted = folder.key('encrypted', 'ed25519', 'passphrase');
});
afterAll(() => folder.remove());

type Files = Readonly<Record<string, string | KeyFile>>;

/** A key as `ssh-keygen -Z chacha20-poly1305@openssh.com` encrypts it. */
function withChaCha20(): string {
  const path = folder.file('chacha20');
  keygen(['-q', '-t', 'ed25519', '-N', 'passphrase', '-Z', 'chacha20-poly1305@openssh.com', '-f', path]);
  return readFileSync(path, 'utf8');
}

/** A public key of a security device, as `ssh-keygen -t ed25519-sk` writes it. */
const deviceKey = `sk-ssh-ed25519@openssh.com ${Buffer.concat([
  Buffer.from([0, 0, 0, 26]),
  Buffer.from('sk-ssh-ed25519@openssh.com'),
]).toString('base64')} key`;

const pkcs8 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

function sources(files: Files, ask?: IdentitySources['ask']): IdentitySources {
  return {
    exists: (path) => Promise.resolve(files[path] !== undefined),
    readKey: async (path) => {
      const file = files[path];
      if (file === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return await Promise.resolve(typeof file === 'string' ? { bytes: Buffer.from(file), exposed: false } : file);
    },
    ask,
  };
}

function login(of: Partial<Login>): Login {
  return { files: [], extra: [], filesOnly: of.only !== undefined, certificates: [], gssapi: false, ...of };
}

/** What is offered, by its kind and where it comes from. */
function namesOf(identities: readonly Identity[]): string[] {
  return identities.map((identity) => {
    switch (identity.kind) {
      case 'agent':
        return `agent: ${[...identity.first.map(({ path }) => path), ...(identity.others ? ['others'] : [])].join(', ')}`;
      case 'password':
        return 'password';
      default:
        return `${identity.kind}: ${identity.path}`;
    }
  });
}

async function offered(of: Partial<Login>, files: Files, ask?: IdentitySources['ask']): Promise<string[]> {
  return namesOf((await findIdentities(login(of), sources(files, ask))).identities);
}

const nobody = (): Promise<Secret> => Promise.reject(new Error('nobody is asked before it is needed'));

describe('a given key file', () => {
  it('is offered alone', async () => {
    const files = { '/key': plain.privateKey, '/home/ops/.ssh/id_rsa': plain.privateKey };
    expect(await offered({ only: '/key', files: ['/home/ops/.ssh/id_rsa'], agent: '/agent' }, files)).toEqual([
      'file: /key',
    ]);
  });

  it('that is encrypted, or only its public half, is asked of the agent', async () => {
    const { identities: found } = await findIdentities(
      login({ only: '/key', agent: '/agent' }),
      sources({ '/key': encrypted.privateKey }),
    );
    const first = [{ path: '/key', publicKey: blobOf(encrypted.publicKey) }];
    expect(found).toEqual([{ kind: 'agent', socket: '/agent', first, others: false }]);
    expect(await offered({ only: '/key.pub', agent: '/agent' }, { '/key.pub': plain.publicKey })).toEqual([
      'agent: /key.pub',
    ]);
  });

  it('that is encrypted, and may be read by others, is left to the agent', async () => {
    const exposed = { bytes: Buffer.from(encrypted.privateKey), exposed: true };
    const passphrase = new Secret('env PASSPHRASE', () => 'passphrase');
    const of = { only: '/key', agent: '/agent', passphrase };
    const { identities, passedOver } = await findIdentities(login(of), sources({ '/key': exposed }));
    expect(namesOf(identities)).toEqual(['agent: /key']);
    expect(passedOver).toEqual(['/key: may be read by others']);
  });

  it('that is encrypted is opened with its passphrase, after the agent', async () => {
    const files = { '/key': encrypted.privateKey };
    expect(await offered({ only: '/key', agent: '/agent' }, files, nobody)).toEqual(['agent: /key', 'file: /key']);
    const passphrase = new Secret('env PASSPHRASE', () => 'passphrase');
    expect(await offered({ only: '/key', passphrase }, files)).toEqual(['file: /key']);
  });

  it.each<[string, Files, string]>([
    [
      'is encrypted, and may be read by others',
      { '/key': { bytes: Buffer.from('-----BEGIN ENCRYPTED\nProc-Type: 4,ENCRYPTED\n'), exposed: true } },
      'may be read by others',
    ],
    ['is missing', {}, 'cannot be read: ENOENT'],
    ['may be read by others', { '/key': { bytes: Buffer.from('-----BEGIN'), exposed: true } }, 'may be read by others'],
    [
      'is an encrypted PEM file',
      { '/key': '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n' },
      'is encrypted',
    ],
  ])('that %s is an error', async (_what, files, message) => {
    const includes: unknown = expect.stringContaining(message);
    await expect(offered({ only: '/key' }, files)).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      message: includes,
    });
  });

  it.each<[string, Files]>([
    ['has a certificate beside it', { '/key': 'irrelevant', '/key-cert.pub': 'irrelevant' }],
    ['is in a security device', { '/key': deviceKey }],
    ['is in PKCS #8', { '/key': pkcs8 }],
    ['is encrypted in PKCS #8', { '/key': '-----BEGIN ENCRYPTED PRIVATE KEY-----\n' }],
  ])('that %s is beyond the built-in library', async (_what, files) => {
    await expect(offered({ only: '/key' }, files)).rejects.toBeInstanceOf(BeyondSsh2);
  });
});

describe('without a key file', () => {
  const files = (): Files => ({
    '/ssh/id_rsa': plain.privateKey,
    '/ssh/id_ecdsa': encrypted.privateKey,
    '/ssh/id_sk': deviceKey,
    '/ssh/exposed': { bytes: Buffer.from(plain.privateKey), exposed: true },
  });
  const usual = ['/ssh/id_rsa', '/ssh/id_ecdsa', '/ssh/id_sk', '/ssh/missing', '/ssh/exposed'];

  it('the agent comes first, with the keys of the files in front, then files that can be used, then devices', async () => {
    expect(await offered({ files: usual, agent: '/agent' }, files())).toEqual([
      'agent: /ssh/id_rsa, /ssh/id_ecdsa, /ssh/id_sk, /ssh/exposed, others',
      'file: /ssh/id_rsa',
      'foreign: /ssh/id_sk',
    ]);
    expect(await offered({ files: usual, agent: '/agent', filesOnly: true }, files())).toEqual([
      'agent: /ssh/id_rsa, /ssh/id_ecdsa, /ssh/id_sk, /ssh/exposed',
      'file: /ssh/id_rsa',
      'foreign: /ssh/id_sk',
    ]);
    expect(await offered({ files: usual }, files(), nobody)).toEqual([
      'file: /ssh/id_rsa',
      'file: /ssh/id_ecdsa',
      'foreign: /ssh/id_sk',
    ]);
  });

  it('a password comes last, and may come alone', async () => {
    const password = new Secret('env PASSWORD', () => 'hunter2');
    expect(await offered({ files: usual, password }, files())).toEqual([
      'file: /ssh/id_rsa',
      'foreign: /ssh/id_sk',
      'password',
    ]);
    expect(await offered({ password }, {})).toEqual(['password']);
  });

  it('tells what is there and was passed over, and why', async () => {
    const unreadable: IdentitySources = {
      ...sources(files()),
      readKey: async (path) => {
        if (path.startsWith('/ssh/secret')) throw Object.assign(new Error('no right'), { code: 'EACCES' });
        return await sources(files()).readKey(path);
      },
    };
    const { passedOver } = await findIdentities(login({ files: [...usual, '/ssh/secret'] }), unreadable);
    const told = [
      '/ssh/id_ecdsa: nobody can tell its passphrase',
      '/ssh/exposed: may be read by others',
      '/ssh/secret: cannot be read: EACCES',
    ];
    expect(passedOver).toEqual(told);
    const only = ['/ssh/exposed', '/ssh/missing'];
    await expect(findIdentities(login({ files: only }), unreadable)).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      details: { output: ['passed over: /ssh/exposed: may be read by others', ...only].join('\n') },
    });
  });

  it('and with none that can be used, it says where it has looked', async () => {
    await expect(offered({ files: usual }, {})).rejects.toMatchObject({
      code: 'IDENTITY_UNUSABLE',
      details: { output: usual.join('\n') },
    });
  });
});

describe('inspectKey', () => {
  it('tells private, public and encrypted keys apart, and devices', () => {
    const publicKey = blobOf(plain.publicKey);
    expect(inspectKey(Buffer.from(plain.privateKey))).toEqual({ kind: 'private', publicKey });
    expect(inspectKey(Buffer.from(plain.publicKey))).toEqual({ kind: 'public', publicKey });
    expect(inspectKey(Buffer.from(encrypted.privateKey))).toEqual({
      kind: 'encrypted',
      publicKey: blobOf(encrypted.publicKey),
      cipher: 'aes256-ctr',
    });
    const texts = [plain.privateKey, plain.publicKey, encrypted.privateKey, deviceKey, pkcs8, withChaCha20()];
    const keys = texts.map((text) => Buffer.from(text));
    const foreign = [
      undefined,
      undefined,
      undefined,
      'a FIDO key',
      'a key in PKCS #8',
      'a key encrypted with chacha20-poly1305@openssh.com',
    ];
    expect(keys.map((bytes) => foreignKind(bytes, inspectKey(bytes)))).toEqual(foreign);
  });

  it('takes what is broken for a private key, for the library to refuse', () => {
    const [begin = '', ...rest] = encrypted.privateKey.split('\n');
    for (const broken of ['', 'x', `${begin}\n${rest[0]?.slice(0, 40) ?? ''}\n-----END OPENSSH PRIVATE KEY-----\n`]) {
      expect(inspectKey(Buffer.from(broken))).toEqual({ kind: 'private' });
    }
  });
});
