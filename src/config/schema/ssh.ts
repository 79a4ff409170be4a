import type * as z from 'zod';
import { oneOf, section, text } from './text.js';
import { host, path, port } from './values.js';

const settings = {
  user: text('a user name', /^[^\s\p{Cc}-][^\s\p{Cc}]{0,254}$/u)
    .describe('The user to log in as; root, or one who may use sudo without a password. Default: the local user.')
    .optional(),
  port: port().describe('The port of the SSH server. Default: 22.').optional(),
  identityFile: path('the private key')
    .describe('The private key to log in with. Default: the keys of the SSH agent, then the usual files in ~/.ssh.')
    .optional(),
  knownHosts: path('the known_hosts file')
    .describe('The file with the host keys to trust. Default: ~/.ssh/known_hosts.')
    .optional(),
  hostKeys: oneOf(['strict', 'accept-new'])
    .describe(
      'What to do with a host whose key is not known yet: `strict` refuses it, `accept-new` trusts and records it. ' +
        'A key that has changed is always refused. Default: `strict`.',
    )
    .optional(),
};

/** The defaults for every node. */
export const sshDefaults = section('how to connect', settings);

/** One node's own settings. */
export const nodeSsh = section('how to connect to this node', {
  host: host('where SSH connects to')
    .describe("The host that SSH connects to. Default: the node's address.")
    .optional(),
  ...settings,
});

export type SshInput = z.output<typeof nodeSsh>;
