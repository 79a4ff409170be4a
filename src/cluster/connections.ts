import type { Cluster } from './cluster.js';

/** How many connections each frontend of HAProxy may hold at once, but for those of the services. */
export interface ConnectionLimits {
  /** All frontends together: the global `maxconn`. */
  readonly process: number;
  readonly health: number;
  readonly servers: number;
  readonly stats: number;
}

/**
 * keepalived runs a script anew when its last run has ended, and a run has two connections open at once: the rest is for people
 * and monitoring that ask the same sockets.
 */
const perScript = 20;

/** Browsers open six connections to a page, and monitoring keeps some. */
const perStatsPage = 50;

/**
 * Every frontend has a limit of its own, and HAProxy as a whole has their sum: so clients of one can never take what another needs, and
 * keepalived's questions least of all. Only what frontends accept counts against `maxconn`; the admin socket, servers and checks do not.
 */
export function connectionLimits({ services, stats }: Pick<Cluster, 'services' | 'stats'>): ConnectionLimits {
  const ofServices = services.reduce((sum, { maxConnections }) => sum + maxConnections, 0);
  const ofStats = stats === undefined ? 0 : perStatsPage;
  return {
    process: ofServices + 2 * perScript + ofStats,
    health: perScript,
    servers: perScript,
    stats: perStatsPage,
  };
}

/**
 * How services share a total: those that ask for a share get it, the others the same each of what is left, the first ones one more where
 * it does not come out even.
 * @param asked in the order of the services; undefined for one that asks for nothing
 */
export function shares(total: number, asked: readonly (number | undefined)[]): readonly number[] {
  const left = total - asked.reduce<number>((sum, share) => sum + (share ?? 0), 0);
  const count = asked.filter((share) => share === undefined).length;
  let given = 0;
  return asked.map((share) => {
    if (share !== undefined) return share;
    given += 1;
    return Math.floor(left / count) + (given <= left % count ? 1 : 0);
  });
}

/** What systemd grants a service at most by default, since 240: to ask for less would take some away. */
const systemdDefault = 524_288;

/** Threads (three each), listeners of ours, the admin socket, logs, and what the operator's own lines take. */
const otherFiles = 2000;

/** Open files that HAProxy may need: two a connection, one for each listener and each check, and some. */
export function openFiles(cluster: Pick<Cluster, 'services' | 'stats'>): number {
  const listeners = cluster.services.reduce((sum, { bind }) => sum + bind.length, 0);
  const checks = cluster.services.reduce((sum, { servers }) => sum + servers.length, 0);
  return Math.max(systemdDefault, 2 * connectionLimits(cluster).process + listeners + checks + otherFiles);
}
