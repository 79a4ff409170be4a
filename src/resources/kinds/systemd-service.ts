import { Content } from '../../cluster/secrets/content.js';
import type { Fact } from '../../facts/fact.js';
import { clock } from '../../facts/host/clock.js';
import { type UnitState, units } from '../../facts/host/units.js';
import type { Observation } from '../../facts/observation.js';
import { Shell, sh } from '../../remote/shell.js';
import type { Action, Change, Requirement, Resource, StepFailure } from '../resource.js';
import type { FileResource } from './managed-file.js';

export interface SystemdService {
  /** `haproxy.service`. */
  readonly unit: string;
  /** All units whose state is asked at once; contains `unit`. */
  readonly among: readonly string[];
  /** The facts that `currency` asks for. */
  readonly facts: readonly Fact<unknown>[];
  /** What it reads when it starts or is reloaded, and at no other time. */
  readonly reads: readonly FileResource[];
  /** Whether what runs is what is wanted, by its own word; asked only of an active service. */
  currency(host: Observation): Currency;
  /** What has to be done right before a reload. */
  readonly beforeReload?: Shell;
  /** Waits until the service runs the wanted configuration and does its work; fails after a bounded time. */
  settled(host: Observation): Shell;
  readonly requirement?: Requirement | undefined;
  /** Lines of its log that only say that we looked (extended regular expression). */
  readonly noise?: string;
}

export type Currency = 'current' | { readonly action: 'reload' | 'restart'; readonly why: string };

const exit = { didNotSettle: 69 } as const;

/**
 * A service that is enabled, active, and runs the wanted configuration: it says so itself, and it has read its files since
 * they were last touched. That is derived from what runs, not from what this run changed: so a run that was lost between
 * writing and reloading is finished by the next one, and an edit that was read and then undone on disk alone is found.
 */
export function systemdService(wanted: SystemdService): Resource {
  const fact = units(wanted.among);
  const id = `unit:${wanted.unit}`;
  return {
    id,
    facts: [fact, clock, ...wanted.reads.flatMap((read) => read.facts), ...wanted.facts],
    requirement: wanted.requirement,
    footprint: () => ({ units: [wanted.unit], paths: wanted.reads.map(({ path }) => ({ path, reader: wanted.unit })) }),
    plan(host) {
      const state = host.get(fact).get(wanted.unit) ?? absent;
      const { changedAt: _, ...lasting } = state;
      const change = (action: Action, summary: string, script: Shell, interrupts = false): Change => ({
        resource: id,
        action,
        summary,
        replaces: Content.of(JSON.stringify(lasting)),
        interrupts,
        step: { script, failures: failures(wanted.unit) },
      });
      return [...standing(state, wanted.unit, change), ...activity(state, wanted, host, change)];
    },
  };
}

type MakeChange = (action: Action, summary: string, script: Shell, interrupts?: boolean) => Change;

const absent: UnitState = {
  load: 'not-found',
  active: 'inactive',
  enablement: '',
  needsDaemonReload: false,
  changedAt: undefined,
};

/** What systemd should think of the unit, whether it runs or not. */
function standing(state: UnitState, unit: string, change: MakeChange): Change[] {
  const masked = state.enablement.startsWith('masked') || state.load === 'masked';
  const disabled = state.enablement !== 'enabled';
  return [
    ...(masked
      ? [change('enable', 'unmask', sh`systemctl unmask --quiet ${unit} && systemctl unmask --quiet --runtime ${unit}`)]
      : []),
    // Enabling takes seconds on a busy host, and a package may have enabled its unit since it was observed.
    ...(disabled
      ? [
          change(
            'enable',
            'start at boot',
            sh`systemctl is-enabled --quiet ${unit} || systemctl enable --quiet ${unit}`,
          ),
        ]
      : []),
    // To unmask and to enable make systemd read all unit files too.
    ...(state.needsDaemonReload && !masked && !disabled
      ? [change('update', 'systemd has yet to read its changed unit files', sh`systemctl daemon-reload`)]
      : []),
  ];
}

function activity(state: UnitState, wanted: SystemdService, host: Observation, change: MakeChange): Change[] {
  const { unit } = wanted;
  const log = sh`journalctl --unit=${unit} --lines=200 --no-pager --output=cat | grep -vE ${wanted.noise ?? '^$'} | tail -n 20`;
  const settle = sh`\n( ${wanted.settled(host)} ) || { ${log}; exit ${exit.didNotSettle}; }`;
  const reload = sh`${wanted.beforeReload ?? Shell.literal('')}systemctl reload ${unit}`;
  if (state.active !== 'active' && state.active !== 'reloading') {
    const why = state.active === 'failed' ? 'it had failed' : `it was ${state.active}`;
    // By now systemd may have started it again: what serves is not stopped.
    const start = sh`systemctl reset-failed ${unit} 2>/dev/null
if systemctl is-active --quiet ${unit}; then ${reload}; else systemctl restart ${unit}; fi || { ${log}; exit 1; }`;
    return [change('start', why, sh`${start}${settle}`)];
  }
  const verdict = currency(state, wanted, host);
  if (verdict === 'current') return [];
  const act = verdict.action === 'reload' ? reload : sh`systemctl restart ${unit}`;
  return [
    change(verdict.action, verdict.why, sh`${act} || { ${log}; exit 1; }${settle}`, verdict.action === 'restart'),
  ];
}

function currency(state: UnitState, wanted: SystemdService, host: Observation): Currency {
  const verdict = wanted.currency(host);
  if (verdict !== 'current') return verdict;
  for (const file of wanted.reads) {
    if (file.plan(host).length > 0) return { action: 'reload', why: `it may have read another ${file.path}` };
    if (touchedSince(state.changedAt, file, host)) return { action: 'reload', why: `${file.path} was touched since` };
  }
  return 'current';
}

/**
 * Where a host tells whole seconds alone, what was touched in the second of the reading counts as read. A file from the future was
 * touched before the clock was set back: no reload would ever be late enough for it.
 */
function touchedSince(changedAt: number | undefined, file: FileResource, host: Observation): boolean {
  const state = host.get(file.state);
  if (state.type !== 'file' || changedAt === undefined) return false;
  const second = Math.floor(state.touchedAt);
  if (second > host.get(clock)) return false;
  const isExact = !Number.isInteger(state.touchedAt) && !Number.isInteger(changedAt);
  return isExact ? state.touchedAt > changedAt : second > Math.floor(changedAt);
}

function failures(unit: string): Record<number, StepFailure> {
  return {
    [exit.didNotSettle]: {
      code: 'STEP_FAILED',
      message: `${unit} does not do its work with the new configuration`,
      hint: `Look at \`journalctl -u ${unit}\` on this node, correct the configuration and run again.`,
    },
  };
}
