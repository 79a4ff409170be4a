import type { Result, Verification } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { count, durationText, listed, typeable } from '../layout/wording.js';

type ServiceState = Verification['services'][number];

/** The last line of a run that went well: what is true now; after a first success also what to try next. */
export function resultText(result: Result, cluster: string, style: Style): string {
  const facts = closing(result);
  if (facts.length === 0) return '';
  const sentence = `${facts.join(', ')} (${durationText(result.durationMs)})`;
  return [
    ...labelled(`${printable(cluster)}: `, sentence, style.columns, style.colors.bold),
    ...nextSteps(result, style),
  ].join('\n');
}

function closing(result: Result): string[] {
  switch (result.command) {
    case 'plan':
      return [planned(result)];
    case 'up':
      return [changeCount(result), ...stateOfService(result)];
    case 'verify':
      return [wellOrNot(result), ...stateOfService(result)];
    case 'drill':
      return stateOfService(result);
    case 'maintenance':
      return [...putAside(result), ...stateOfService(result), ...movedAway(result)];
    case 'failover':
      return [...stateOfService(result), ...movedAway(result)];
    case 'rollback':
      if (result.generations !== undefined) return [];
      return [...wentBack(result), ...stateOfService(result)];
    case 'down':
      return [`nothing of it is left on ${listed(leftBy(result))}, but packages that were not purged`];
    case 'unlock':
      return ['no run holds a node any more'];
    case 'validate':
      return ['the configuration is valid', ...opinions(result)];
    case 'render':
    case 'status':
    case 'schema':
    case undefined:
      return [];
  }
}

/** A load balancer may be built before what it balances: that is no failure, and not well either. */
function wellOrNot({ services = [] }: Result): string {
  const empty = services.filter(({ backends }) => backends.total > 0 && backends.up === 0);
  const short = services.filter(({ backends }) => backends.up < backends.total);
  const unasked = services.filter(({ backends }) => (backends.unchecked ?? 0) > 0);
  if (short.length === 0 && unasked.length === 0) return 'all is well';
  if (short.length === 0)
    return `the VIPs are well, and HAProxy has not asked all servers of ${listed(namesOf(unasked))} yet`;
  // A service has a state for each address.
  if (empty.length === 0) return `the VIPs are well, and ${listed([...new Set(short.map(upOf))])}`;
  const names = namesOf(empty);
  return `${listed(names)} ${names.length === 1 ? 'has' : 'have'} no server up`;
}

function namesOf(services: readonly ServiceState[]): string[] {
  return [...new Set(services.map(({ name }) => printable(name)))];
}

function upOf({ name, backends: { up, total } }: ServiceState): string {
  return `${printable(name)} has ${up} of ${count(total, 'server')} up`;
}

function putAside({ maintenance: { on = [], off = [] } = {} }: Result): string[] {
  const aside = on.map(printable).join(' ');
  const be = (nodes: readonly string[]): string => (nodes.length === 1 ? 'is' : 'are');
  return [
    ...(on.length === 0
      ? []
      : [
          `${listed(on.map(printable))} ${be(on)} in maintenance until \`ha-deploy maintenance off ${aside}\` or a boot`,
        ]),
    ...(off.length === 0 ? [] : [`${listed(off.map(printable))} ${be(off)} out of maintenance`]),
  ];
}

function movedAway({ moved }: Result): string[] {
  return moved === true ? ['connections that were open before have ended'] : [];
}

/** `rollback` again would undo this one: it says which it was. */
function wentBack({ wentBackTo }: Result): string[] {
  if (wentBackTo === undefined) return ['nothing was touched; without `--preview` it is done'];
  const { id, at = '', by = '' } = wentBackTo;
  if (id === 0) return ['the nodes are what they were before the first run, until the next `up`'];
  return [`the nodes are at generation ${id} again (${printable(at)}, by ${printable(by)}), until the next \`up\``];
}

/** The nodes that `down` has left. */
function leftBy({ nodes = {} }: Result): string[] {
  return Object.entries(nodes).flatMap(([name, { outcome }]) => (outcome === 'skipped' ? [] : [printable(name)]));
}

function planned({ changed, planFile, applyWith = 'ha-deploy up' }: Result): string {
  if (changed === 0) return 'no changes';
  return `nothing was touched; \`${printable(applyWith)}\` makes ${planFile === undefined ? '' : 'exactly '}these changes`;
}

function opinions({ findings = [] }: Result): string[] {
  const ignored = findings.filter((finding) => finding.ignored !== undefined).length;
  const warnings = findings.length - ignored;
  return [...(warnings === 0 ? [] : [count(warnings, 'warning')]), ...(ignored === 0 ? [] : [`${ignored} ignored`])];
}

function changeCount({ nodes = {} }: Result): string {
  const touched = Object.values(nodes).filter(({ changes }) => changes.length > 0);
  const total = touched.reduce((sum, { changes }) => sum + changes.length, 0);
  return total === 0 ? 'no changes' : `${count(total, 'change')} on ${count(touched.length, 'node')}`;
}

/** `192.168.8.100 is held by node-101`, `8443 and 443 answer`. */
function stateOfService({ vips = [], services = [] }: Result): string[] {
  const byHolder = new Map<string, string[]>();
  for (const { address, holders } of vips) {
    const holder = listed(holders.map(printable));
    byHolder.set(holder, [...(byHolder.get(holder) ?? []), printable(address)]);
  }
  const held = [...byHolder].map(([holder, addresses]) => {
    return `${listed(addresses)} ${addresses.length === 1 ? 'is' : 'are'} held by ${holder === '' ? 'no node' : holder}`;
  });
  return [...held, ...answers(services)];
}

function answers(services: readonly ServiceState[]): string[] {
  const answering = services.filter(({ reachable }) => reachable !== false);
  if (answering.length > 3) return [`${answering.length} services answer`];
  const ports = answering.map(({ address }) => printable(address.slice(address.lastIndexOf(':') + 1)));
  return ports.length === 0 ? [] : [`${listed(ports)} ${ports.length === 1 ? 'answers' : 'answer'}`];
}

function nextSteps(result: Result, { colors, config }: Style): string[] {
  const isFirst =
    result.command === 'up' &&
    Object.values(result.nodes ?? {}).some(({ changes }) =>
      changes.some(({ action, resource }) => action === 'create' && resource.startsWith('package:')),
    );
  if (!isFirst) return [];
  const command = (name: string): string => typeable(`\`ha-deploy ${name}`, config).slice(1);
  return [
    '',
    'Try next:',
    `  ${colors.cyan(command('verify'))}  one holder for every VIP, every port answers`,
    `  ${colors.cyan(command('up'))}      again: no changes`,
  ];
}
