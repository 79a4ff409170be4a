import { paths } from '../../../../playbooks/paths.js';

export const daemons = ['haproxy', 'keepalived'] as const;

export type Daemon = (typeof daemons)[number];

export function configOf(daemon: Daemon): string {
  return { haproxy: paths.haproxyConfig, keepalived: paths.keepalivedConfig }[daemon];
}

export function dropIn(daemon: Daemon): string {
  return { haproxy: paths.haproxyDropIn, keepalived: paths.keepalivedDropIn }[daemon];
}
