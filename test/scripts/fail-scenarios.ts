import type { StageName } from './fail-stages.js';
import type { FaultyHost } from './faulty-host.js';
import { a, b, before, c, footprint, type Rest, record, take, tenant } from './small-node.js';

/** One step on a node that is in some state; each of its commands is to fail in turn. */
export interface Scenario {
  readonly name: string;
  readonly stage: StageName;
  readonly step: (host: FaultyHost) => readonly string[];
  readonly input?: (host: FaultyHost) => string;
  /** What the node may be when all is over: what it was before the run, or what the run made it. */
  readonly rests: readonly Rest[];
  /** The same where the next run has undone it. */
  readonly undone: readonly Rest[];
  /** What has to be so where the step says that it has succeeded. */
  readonly promise: (host: FaultyHost) => boolean;
}

const untouched: Rest = { setup: before, current: undefined };
const old: Rest = { setup: a, current: '1' };
const renewed: Rest = { setup: b, current: '2' };
const copied: Rest = { setup: a, current: '2' };
const onOtherTerms: Rest = { setup: c, current: '2' };

function has(...names: readonly string[]): Scenario['promise'] {
  return (host) => names.every((name) => host.has(name));
}

function lacks(...names: readonly string[]): Scenario['promise'] {
  return (host) => !names.some((name) => host.has(name));
}

function says(name: string, text: string): Scenario['promise'] {
  return (host) => host.text(name)?.includes(text) === true;
}

function all(...promises: readonly Scenario['promise'][]): Scenario['promise'] {
  return (host) => promises.every((promise) => promise(host));
}

function leased(token: string, watch: number): Scenario['promise'] {
  return all(says('run/lease', `token=${token}\n`), says(`units/ha-deploy-watch-${watch}.service/token`, token));
}

const armed = all(
  has('state/uncommitted/target', 'state/uncommitted/token'),
  says('systemd/ha-deploy-revert.service', 'ExecStart='),
  has('systemd/multi-user.target.wants/ha-deploy-revert.service'),
);
const over = lacks('state/uncommitted', 'run/lease', 'systemd/ha-deploy-revert.service');
/** It may have to wait until it can take part. */
const goneBack: Scenario['promise'] = (host) =>
  over(host) || (!host.has('run/lease') && host.has('state/uncommitted/returned'));
const givenUp = lacks('state/uncommitted/prepared');
const writtenDown = all(
  says('state/generations/2.new/head', 'id=2\n'),
  says('state/generations/2.new/manifest', '\nend\n'),
);
const inElections = all(lacks('flags/standing-back'), (host) => !/^[12]/.test(host.text('flags/maintenance') ?? ''));
const outOfElections = all(says('flags/standing-back', 'ours\n'), says('flags/maintenance', '2\n'));
/** A boot that has not done it has started a watch. */
const seenTo: Scenario['promise'] = (host) =>
  !host.has('state/uncommitted') || host.has('units/ha-deploy-watch-2.service');
const nothing = (): boolean => true;

function scenario(
  name: string,
  stage: StageName,
  step: readonly string[] | ((host: FaultyHost) => readonly string[]),
  rests: readonly Rest[],
  promise: Scenario['promise'],
  input?: (host: FaultyHost) => string,
): Scenario {
  const undone = stage.endsWith('Prepared') ? [old, ...rests] : rests;
  return {
    name,
    stage,
    step: typeof step === 'function' ? step : () => step,
    rests,
    undone,
    promise,
    ...(input && { input }),
  };
}

const tenants = (): string => tenant;

export const scenarios: readonly Scenario[] = [
  scenario('take', 'installed', take('ours'), [old], leased('ours', 2), tenants),
  scenario('take, at first', 'bare', take('ours'), [untouched], leased('ours', 1), tenants),
  scenario('take of what a lost run left', 'lostTogether', take('next'), [old], leased('next', 3), tenants),
  scenario('take of what a confirmed run left', 'lostConfirmed', take('next'), [renewed], leased('next', 3), tenants),
  scenario('take from a run that is gone', 'together', take('next', 'ours'), [old], leased('next', 3), tenants),
  scenario('renew', 'changed', ['renew', 'ours', '1100'], [old], says('run/lease', 'expires=1100\nholder')),
  scenario('fence', 'changed', ['eval', 'exec 9>>"$runtime/lock" && fence ours'], [old], nothing),
  scenario('unless_taken', 'changed', ['eval', 'exec 9>>"$runtime/lock" && unless_taken ours'], [old], nothing),
  scenario('begin', 'taken', ['begin', 'ours', '-'], [old], armed, footprint),
  scenario('begin, at first', 'firstTaken', ['begin', 'ours', '-'], [untouched], armed, footprint),
  scenario(
    'begin, together',
    'taken',
    ['begin', 'ours', '1000'],
    [old],
    all(armed, has('state/uncommitted/together')),
    footprint,
  ),
  scenario('begin after a lost run', 'adopted', ['begin', 'next', '1000'], [old], armed, footprint),
  scenario('begin after a confirmed run', 'adoptedConfirmed', ['begin', 'next', '-'], [renewed], armed, footprint),
  scenario('record', 'changed', record('ours', 2), [old], writtenDown, footprint),
  scenario('record of a copy', 'taken', record('ours', 2, '1'), [old], writtenDown),
  scenario('prepare', 'recorded', ['prepare', 'ours', '2'], [old, renewed], says('state/uncommitted/prepared', '2')),
  scenario(
    'prepare where nothing changed',
    'copied',
    ['prepare', 'ours', '2'],
    [old, copied],
    all(armed, has('state/uncommitted/prepared')),
  ),
  scenario('confirm', 'prepared', ['confirm', 'ours', '2'], [old, renewed], says('state/current/head', 'id=2\n')),
  scenario('finished', 'confirmed', ['finished', 'ours'], [old, renewed], over),
  scenario('turn_back', 'changed', ['turn_back', 'ours'], [old], givenUp),
  scenario('turn_back, together', 'together', ['turn_back', 'ours'], [old], outOfElections),
  scenario('turn_back of what was prepared', 'prepared', ['turn_back', 'ours'], [old, renewed], givenUp),
  scenario(
    'turn_back of what was confirmed',
    'confirmed',
    ['turn_back', 'ours'],
    [old, renewed],
    all(givenUp, says('state/current/head', 'id=1\n')),
  ),
  scenario('undo', 'changed', ['undo', 'ours'], [old], goneBack),
  scenario('undo, at first', 'firstChanged', ['undo', 'ours'], [untouched], goneBack),
  scenario('undo, together', 'together', ['undo', 'ours'], [old], goneBack),
  scenario('undo of what was prepared', 'prepared', ['undo', 'ours'], [old, renewed], goneBack),
  scenario('undo of what was confirmed', 'confirmed', ['undo', 'ours'], [old, renewed], goneBack),
  scenario('check', 'changed', ['check', '1'], [old], nothing),
  scenario('stand_back', 'taken', ['stand_back', 'ours'], [old], outOfElections),
  scenario('take_part', 'back', ['take_part', 'ours', 'meant'], [old], inElections),
  scenario('take_part, on other terms', 'together', ['take_part', 'ours', '22222222'], [old], inElections),
  scenario('give_back', 'changed', ['give_back', 'ours'], [old], lacks('run/lease')),
  scenario(
    'forget a file',
    'begun',
    (host) => ['forget', 'path', host.path('haproxy.cfg')],
    [old],
    says('files/haproxy.cfg', before.haproxy),
  ),
  scenario(
    'forget a setting',
    'begun',
    ['forget', 'sysctl', 'net.setting'],
    [old],
    says('proc/net/setting', before.sysctl),
  ),
  scenario('go', 'twice', ['go', '1'], [renewed], says('units/haproxy.service/runs', a.haproxy)),
  scenario('member', 'taken', ['member', 'node-101'], [old], says('state/current/head', 'id=1\n')),
  scenario('leave', 'taken', ['leave', 'ours', 'keep'], [old, untouched], lacks('state', 'files/keepalived.conf')),
  scenario('leave, purge', 'taken', ['leave', 'ours', 'purge'], [old, untouched], lacks('state', 'packages/haproxy')),
  scenario('watch, of a run that lives for a while', 'changed', ['watch', 'ours'], [old], over),
  scenario('watch, standing back', 'lostBack', ['watch', 'ours'], [old], all(over, inElections)),
  scenario('watch, going back', 'lostChanged', ['watch', 'ours'], [old], over),
  scenario('watch, keeping', 'lostPrepared', ['watch', 'ours'], [renewed], over),
  scenario('watch, confirmed', 'lostConfirmed', ['watch', 'ours'], [renewed], over),
  scenario('watch, together', 'lostTogether', ['watch', 'ours'], [old], all(over, inElections)),
  scenario('watch, together, recorded', 'lostTogetherRecorded', ['watch', 'ours'], [old], all(over, inElections)),
  scenario(
    'watch, together, prepared',
    'lostTogetherPrepared',
    ['watch', 'ours'],
    [onOtherTerms],
    all(over, inElections),
  ),
  scenario('watch, together, holder', 'lostHolder', ['watch', 'ours'], [old], all(over, inElections)),
  scenario('boot, going back', 'cutChanged', ['boot'], [old], seenTo),
  scenario('boot, keeping', 'cutPrepared', ['boot'], [renewed], seenTo),
  scenario('boot, confirmed', 'cutConfirmed', ['boot'], [renewed], seenTo),
  scenario('boot, together', 'cutTogether', ['boot'], [old], seenTo),
  scenario('boot, together, recorded', 'cutTogetherRecorded', ['boot'], [old], seenTo),
];
