/**
 * What other tools call what our keys are for, without `_` and `-`: HAProxy's and keepalived's own words, those of Ansible, and what people
 * guess. One that means several things means the first that there is in the map at hand. @internal tests go through them all
 */
export const habits: Readonly<Record<string, readonly string[]>> = {
  address: ['bind', 'address'],
  advertint: ['advertInterval'],
  algorithm: ['balance'],
  ansiblehost: ['address'],
  ansibleuser: ['user'],
  authpass: ['password'],
  backend: ['servers', 'services'],
  backends: ['servers', 'services'],
  cert: ['certificate', 'tls'],
  check: ['health'],
  crt: ['certificate', 'tls'],
  frontends: ['services'],
  healthcheck: ['health'],
  host: ['address'],
  hosts: ['nodes'],
  identity: ['identityFile'],
  inventory: ['nodes'],
  ip: ['address'],
  ipaddress: ['address'],
  key: ['identityFile'],
  keyfile: ['identityFile'],
  listen: ['port', 'bind'],
  listenport: ['port'],
  loadbalancers: ['services', 'nodes'],
  login: ['user'],
  lbalgorithm: ['balance'],
  maxconn: ['maxConnections'],
  members: ['servers'],
  method: ['balance'],
  privatekey: ['identityFile'],
  sshkey: ['identityFile'],
  ssl: ['tls'],
  targets: ['servers'],
  upstreams: ['servers'],
  uri: ['path'],
  url: ['path'],
  username: ['user'],
  vipaddress: ['vip'],
  vips: ['vip'],
  virtualip: ['vip'],
  virtualipaddress: ['vip'],
  virtualrouterid: ['routerId'],
  vrid: ['routerId'],
};

/** The key of ours that was meant by a word of another tool; nothing where none of the known ones is. */
export function habitual(word: string, known: readonly string[]): string | undefined {
  const plain = word.toLowerCase().replaceAll(/[_-]/g, '');
  const meant = Object.hasOwn(habits, plain) ? habits[plain] : undefined;
  return meant?.find((key) => known.includes(key)) ?? known.find((key) => key.toLowerCase() === plain);
}

/** Where the next word of ours would say the opposite. */
const advice: Readonly<Record<string, string>> = {
  nopreempt: 'Leave it out: a node that comes back does not take the VIP back, unless `preempt: true` says so.',
};

/** What to do about a word that has none of ours for it. */
export function adviceOn(word: string): string | undefined {
  return Object.hasOwn(advice, word) ? advice[word] : undefined;
}
