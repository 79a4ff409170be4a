import type { Status } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import type { StyledText } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { ageText } from '../layout/wording.js';

type ServiceStatus = Status['services'][number];
type ServerStatus = ServiceStatus['servers'][number];

/** Every address of a service, and below them its servers, once. */
export function serviceRows(services: readonly ServiceStatus[], style: Style): StyledText[][] {
  if (services.length === 0) return [];
  const { colors } = style;
  return [
    ['SERVICE', 'STATE', 'ADDRESS, CHECK', 'UP, FOR'].map((title): StyledText => [title, colors.dim]),
    ...services.flatMap((service, index) => [
      addressRow(service, style),
      ...(services[index + 1]?.name === service.name ? [] : service.servers.map((server) => serverRow(server, style))),
    ]),
  ];
}

function addressRow(service: ServiceStatus, style: Style): StyledText[] {
  const { name, address, seenBy, backends } = service;
  const { up, total, unchecked } = backends;
  const count = [`${up} of ${total} up`, ...(unchecked === undefined ? [] : [`${unchecked} not asked yet`])].join(', ');
  const isWhole = up === total && unchecked === undefined;
  const upText: StyledText =
    seenBy === null ? ['servers unknown', style.colors.yellow] : [count, isWhole ? String : style.colors.yellow];
  return [[printable(name), style.colors.bold], answerCell(service, style), [printable(address)], upText];
}

function answerCell({ reachable, unreachableFrom, seenBy, connections }: ServiceStatus, { colors }: Style): StyledText {
  if (connections?.full === true) return ['full', colors.red];
  if (reachable === true && unreachableFrom.length === 0) return ['answers', colors.green];
  if (reachable === true) return ['answers', colors.yellow];
  if (reachable === false || unreachableFrom.length > 0) return ['silent', colors.red];
  return seenBy === null ? ['unknown', colors.yellow] : ['nodes only'];
}

function serverRow(
  { name, up, unresolved, status, check, checkCode, since }: ServerStatus,
  { colors }: Style,
): StyledText[] {
  // What HAProxy calls up, and is not, has no weight.
  const isWeightless = !up && status.startsWith('UP');
  const word = up ? '' : isWeightless ? 'weight 0' : unresolved ? 'name not resolved' : (words.get(check) ?? '');
  const result = [printable(check), ...(checkCode === null || checkCode === 0 ? [] : [String(checkCode)])].join(' ');
  return [
    [`  ${printable(name)}`],
    [
      printable(status),
      up ? colors.green : (isWeightless || isWished(status)) && !unresolved ? colors.yellow : colors.red,
    ],
    [[result, word].filter(Boolean).join(', ')],
    [since === null ? '' : ageText(since), colors.dim],
  ];
}

/** An operator took it out. */
function isWished(status: string): boolean {
  return status.startsWith('MAINT') || status.startsWith('DRAIN');
}

/** What HAProxy's codes of failed checks mean (management guide, "show stat", column check_status). */
const words: ReadonlyMap<string, string> = new Map([
  ['L4TOUT', 'no answer'],
  ['L4CON', 'refused'],
  ['L6TOUT', 'no TLS in time'],
  ['L6RSP', 'no TLS'],
  ['L7TOUT', 'no answer in time'],
  ['L7RSP', 'odd answer'],
  ['L7STS', 'bad status'],
]);
