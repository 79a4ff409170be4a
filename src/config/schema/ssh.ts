import type * as z from 'zod';
import { isJump } from '../values/jump.js';
import { sshHost, sshUser } from '../values/ssh-host.js';
import { secretReference } from './secret.js';
import { oneOf, section, text } from './text.js';
import { pathSchema, portSchema } from './values.js';

const openssh = 'Default: what the OpenSSH configuration says';

const settings = {
  user: text('a user name', sshUser)
    .describe(`The user to log in as; root, or one who may use sudo. ${openssh}, else the local user.`)
    .optional(),
  port: portSchema().describe(`The port of the SSH server. ${openssh}, else 22.`).optional(),
  identityFile: pathSchema('the private key')
    .describe(
      'The private key to log in with; no other is offered (over openssh, before those that its configuration names). ' +
        'Default: the keys of the SSH agent, and those that the OpenSSH configuration names, else the usual files in ~/.ssh.',
    )
    .optional(),
  passphrase: secretReference()
    .describe('The passphrase of the private key. Default: the agent signs, or it is asked for, once a run.')
    .optional(),
  password: secretReference()
    .describe('The password to log in with, where a host takes no key (or asks for both); tried once on each node.')
    .optional(),
  knownHosts: pathSchema('the known_hosts file')
    .describe(`The file with the host keys to trust. ${openssh}, else ~/.ssh/known_hosts and the system's.`)
    .optional(),
  hostKeys: oneOf(['strict', 'accept-new'])
    .describe(
      'What to do with a host whose key is not known yet: `strict` refuses it, `accept-new` trusts and records it. ' +
        'A key that has changed is always refused. Default: `strict`, or `accept-new` where the OpenSSH configuration says so.',
    )
    .optional(),
  proxyJump: text('hosts to go through, as user@host:port with commas between them, or none', isJump)
    .describe(
      'The hosts to go through, the nearest first, as `ssh -J` takes them; the key of each is checked. `none` goes there ' +
        `directly. ${openssh}.`,
    )
    .optional(),
  configFile: pathSchema('an OpenSSH configuration, or none')
    .describe("The OpenSSH configuration to read, or `none`. Default: the user's and the system's.")
    .optional(),
  transport: oneOf(['auto', 'ssh2', 'openssh'])
    .describe(
      'What speaks SSH: `ssh2`, which is built in, or `openssh`, the `ssh` of this machine. Default: `auto`, which takes ' +
        'openssh where a certificate, a FIDO key, ProxyCommand, GSSAPI or the algorithms of the server need it.',
    )
    .optional(),
};

/** The defaults for every node. */
export const sshDefaults = section('how to connect', settings);

/** `ops@lb1`, as on the command line of `ssh`. */
function hostOfLogin(value: unknown): string | undefined {
  const [, user = '', named = ''] = typeof value === 'string' ? (/^(.+)@([^@]+)$/.exec(value) ?? []) : [];
  return sshUser.test(user) && sshHost.test(named) ? `Write host: ${named} and user: ${user}.` : undefined;
}

/** One node's own settings. */
export const nodeSsh = section('how to connect to this node', {
  host: text('where SSH connects to: a name or an address, as `ssh` takes it, without a user', sshHost, hostOfLogin)
    .describe(
      'The host that SSH connects to, or its name in the OpenSSH configuration. Default: what the OpenSSH configuration ' +
        "has under the node's name, else the node's address.",
    )
    .optional(),
  ...settings,
});

export type SshInput = z.output<typeof nodeSsh>;

/** How to become root. */
export const sudo = section('how to become root', {
  password: secretReference()
    .describe(
      'What sudo asks for; tried once on each node. Default: it must ask for nothing, or `--ask-sudo-password` is given.',
    )
    .optional(),
});

export type SudoInput = z.output<typeof sudo>;
