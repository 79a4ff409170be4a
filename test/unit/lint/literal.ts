/** keepalived, millisecond by millisecond, as its source has it: slow, and with no thought of what comes out. */

export interface Cluster {
  readonly version: 2 | 3;
  /** Milliseconds between adverts. */
  readonly interval: number;
  readonly downTimerAdverts: number;
  /** Seconds. */
  readonly script: {
    readonly interval: number;
    readonly timeout: number;
    readonly fall: number;
    readonly weight: number;
  };
  readonly nodes: readonly {
    readonly priority: number;
    readonly nopreempt: boolean;
    /** Seconds. */
    readonly preemptDelay: number;
  }[];
}

export type Fault = 'haproxy-stop' | 'haproxy-hang' | 'keepalived-stop' | 'node-isolate';

/** Where in their cycles the holder's adverts and checks are when the fault happens: 0 to 1, which is just after the last. */
export interface Phases {
  readonly advert: number;
  readonly check: number;
}

/** The configuration of one node. */
export function textOf({ version, interval, downTimerAdverts, script, nodes }: Cluster, index: number): string {
  const { priority, nopreempt, preemptDelay } = nodes[index] ?? { priority: 0, nopreempt: false, preemptDelay: 0 };
  return `global_defs {
  vrrp_version ${version}
}
vrrp_script answers {
  script /usr/local/bin/answers
  interval ${script.interval}
  timeout ${script.timeout}
  fall ${script.fall}
  weight ${script.weight}
}
vrrp_instance web {
  ${nopreempt ? 'nopreempt' : ''}
  ${preemptDelay === 0 ? '' : `preempt_delay ${preemptDelay}`}
  interface eth0
  virtual_router_id 7
  priority ${priority}
  advert_int ${interval / 1000}
  down_timer_adverts ${downTimerAdverts}
  virtual_ipaddress {
    192.0.2.100
  }
  track_script {
    answers
  }
}
`;
}

interface Backup {
  readonly index: number;
  readonly priority: number;
  readonly skew: number;
  /** When it becomes master unless an advert comes. */
  deadline: number;
  /** When preempt_delay is over; undefined while it has not begun. */
  preemptAt: number | undefined;
}

/** Who is master at last, and when; nothing where the holder stays for as long as anybody would look. */
export function watched(
  cluster: Cluster,
  holder: number,
  fault: Fault,
  phases: Phases,
): { readonly successor: number; readonly ms: number } | undefined {
  const { version, interval, downTimerAdverts, script, nodes } = cluster;
  const clamp = (priority: number) => Math.min(254, Math.max(1, priority));
  const priorityOf = (base: number, isWell: boolean) => {
    if (script.weight > 0) return clamp(isWell ? base + script.weight : base);
    return clamp(isWell ? base : base + script.weight);
  };
  const firstAdvert = phases.advert * interval;
  const backups = nodes.flatMap(({ priority: base }, index): Backup[] => {
    if (index === holder) return [];
    const priority = priorityOf(base, true);
    const skew = ((256 - priority) / 256) * (version === 3 ? interval : 1000);
    const deadline = firstAdvert - interval + downTimerAdverts * interval + skew;
    return [{ index, priority, skew, deadline, preemptAt: undefined }];
  });
  const base = nodes[holder]?.priority ?? 0;
  let priority = priorityOf(base, true);
  let sends = true;
  let failures = 0;
  let nextAdvert = firstAdvert;
  let nextCheck = phases.check * script.interval * 1000;
  const pending: number[] = [];

  const hear = (backup: Backup, advertised: number, now: number): void => {
    const own = nodes[backup.index];
    const ignores = own?.nopreempt !== true && advertised < backup.priority;
    if (advertised === 0) backup.deadline = now + backup.skew;
    else if (!ignores) {
      backup.deadline = now + downTimerAdverts * interval + backup.skew;
      backup.preemptAt = undefined;
    } else if ((own?.preemptDelay ?? 0) > 0 && (backup.preemptAt === undefined || backup.preemptAt > now)) {
      backup.preemptAt ??= now + (own?.preemptDelay ?? 0) * 1000;
      backup.deadline = now + downTimerAdverts * interval + backup.skew;
    }
  };
  const tell = (advertised: number, now: number): void => {
    for (const backup of backups) hear(backup, advertised, now);
  };
  const fail = (now: number): void => {
    failures += 1;
    if (failures !== script.fall) return;
    if (script.weight === 0) {
      sends = false;
      tell(0, now);
    } else priority = priorityOf(base, false);
  };

  if (fault === 'keepalived-stop') tell(0, 0);
  if (fault === 'keepalived-stop' || fault === 'node-isolate') sends = false;
  const ails = fault === 'haproxy-stop' || fault === 'haproxy-hang';
  for (let now = 0; now < 30_000; now += 1) {
    if (ails && now >= nextCheck) {
      if (fault === 'haproxy-stop') fail(now);
      else pending.push(now + script.timeout * 1000);
      nextCheck += script.interval * 1000;
    }
    while (pending[0] !== undefined && now >= pending[0]) {
      pending.shift();
      fail(now);
    }
    if (sends && now >= nextAdvert) {
      tell(priority, now);
      nextAdvert += interval;
    }
    const [first] = backups
      .filter(({ deadline }) => now >= deadline)
      .toSorted((one, other) => one.deadline - other.deadline);
    if (first !== undefined) return { successor: first.index, ms: now };
  }
  return undefined;
}
