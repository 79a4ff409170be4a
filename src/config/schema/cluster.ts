import type * as z from 'zod';
import { lint } from './lint.js';
import { nodes } from './node.js';
import { services } from './service.js';
import { sshDefaults, sudo } from './ssh.js';
import { stats } from './stats.js';
import { section, text, verbatim, wholeNumberSchema } from './text.js';
import { durationSchema, pathSchema } from './values.js';
import { vip } from './vip.js';
import { vrrp } from './vrrp.js';

const haproxy = section('settings of HAProxy', {
  maxConnections: wholeNumberSchema('a number of connections', 1, 10_000_000)
    .default(20_000)
    .describe(
      'How many connections all services together hold at once, a share each; see `services.<name>.maxConnections`. Clients beyond that wait until others leave. Health checks and the statistics page have their own, on top. Each connection takes two open files; `verify` warns where the host grants fewer.',
    ),
  extraGlobal: verbatim().describe('Your own lines, verbatim, at the end of `global` in haproxy.cfg.').optional(),
  extraDefaults: verbatim().describe('Your own lines, verbatim, at the end of `defaults` in haproxy.cfg.').optional(),
});

const packages = section('how packages are installed', {
  lockTimeout: durationSchema({ least: 1000, most: 86_400_000, step: 1000 })
    .default('5m')
    .describe(
      'How long to wait while another process, such as unattended-upgrades, holds the lock of dpkg; in whole seconds.',
    ),
});

const templates = section('templates', {
  haproxy: pathSchema('a template').describe('The template of haproxy.cfg.').optional(),
  keepalived: pathSchema('a template').describe('The template of keepalived.conf.').optional(),
});

/** `ha-deploy.yaml`, whole. Its descriptions are the manual, and `json-schema.ts` gives it to editors. */
export const clusterSchema = section('the configuration of a cluster', {
  name: text(
    'the name of the cluster: letters, digits, "-", "_" and ".", beginning with a letter, at most 40',
    /^[A-Za-z][A-Za-z0-9._-]{0,39}$/,
  ).describe('The name of the cluster; the VRRP instances are named after it.'),
  vip,
  ssh: sshDefaults.prefault({}).describe("How to connect to the nodes; a node's own `ssh` overrides it."),
  sudo: sudo.prefault({}).describe("How to become root on the nodes; a node's own `sudo` overrides it."),
  nodes,
  vrrp: vrrp.prefault({}).describe('How the nodes agree on who holds the VIP.'),
  services,
  stats: stats.prefault({}),
  haproxy: haproxy.prefault({}).describe('Settings of HAProxy as a whole.'),
  packages: packages.prefault({}).describe('How packages are installed on the nodes.'),
  lint: lint
    .prefault({})
    .describe('Which findings of the HA rules, which look at what would be written to the nodes, are fine.'),
  templates: templates
    .prefault({})
    .describe('Your own templates (EJS) in place of the built-in ones: code of yours, which is run as it is.'),
});

export type ClusterInput = z.output<typeof clusterSchema>;
