import type { Service } from '../src/cluster/cluster.js';

/** The places and names on a host that its desired state is made of. */
export const paths = {
  haproxyConfig: '/etc/haproxy/haproxy.cfg',
  haproxyDropIn: '/etc/systemd/system/haproxy.service.d/ha-deploy.conf',
  addressKeeper: '/etc/haproxy/ha-deploy-keep-addresses',
  knownAddresses: '/run/ha-deploy/server-addresses',
  keepalivedConfig: '/etc/keepalived/keepalived.conf',
  keepalivedDropIn: '/etc/systemd/system/keepalived.service.d/ha-deploy.conf',
  healthScript: '/etc/keepalived/ha-deploy-haproxy-answers',
  healthSocket: '/run/haproxy/ha-deploy-health.sock',
  serversScript: '/etc/keepalived/ha-deploy-servers-answer',
  serversSocket: '/run/haproxy/ha-deploy-servers.sock',
  scriptUser: 'keepalived_script',
  sysctl: '/etc/sysctl.d/60-ha-deploy.conf',
  sysusers: '/etc/sysusers.d/ha-deploy.conf',
  tmpfiles: '/etc/tmpfiles.d/ha-deploy.conf',
  runtime: '/run/ha-deploy',
  servingFlag: '/run/ha-deploy/haproxy-serving',
  maintenanceFlag: '/run/ha-deploy/maintenance',
  standingBack: '/run/ha-deploy/standing-back',
  ledger: '/var/lib/ha-deploy/ledger.sh',
  certificate: (service: Service) => `/etc/haproxy/ha-deploy-${service.name}.pem`,
} as const;

/** Where files of ours are that may be named after something of the configuration: what is there is ours, named by it or not. */
export const ourPatterns = ['/etc/haproxy/ha-deploy-*.pem', '/etc/systemd/network/*.network.d/ha-deploy.conf'] as const;

export const managedUnits = ['haproxy.service', 'keepalived.service'] as const;
