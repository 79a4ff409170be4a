import type { Course } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { listed } from '../layout/wording.js';

type Stage = Course['stages'][number];

/** In which order `up` would touch the nodes, what becomes of each daemon, and where the VIPs go. */
export function courseText({ stages, vips, supposed }: Course, style: Style): string {
  const { colors, columns } = style;
  return [
    colors.bold('What `up` would do, in this order:'),
    ...stages.flatMap((stage, index) => stageLines(stage, index + 1, vips.every(isCalm), style)),
    ...vips.flatMap((vip) => labelled('  ', vipText(vip), columns, String)),
    ...supposed.flatMap(({ node, what }) =>
      labelled(
        '  ',
        `${printable(node)} is planned for ${printable(what)}; it is looked at again on the way, and planned again if it has got others`,
        columns,
        String,
      ),
    ),
  ].join('\n');
}

function isCalm({ course }: Course['vips'][number]): boolean {
  return course === 'stays';
}

/** @param isKept whether every VIP stays where it is */
function stageLines(
  { title, spread, nodes, standBack, services }: Stage,
  number: number,
  isKept: boolean,
  style: Style,
): string[] {
  const { columns } = style;
  const names = nodes.map(printable);
  const where = spread === 'together' ? `${listed(names)}${names.length > 1 ? ' at once' : ''}` : names.join(', then ');
  const meanwhile = `all must agree on what changes: ${listed(standBack.map(printable))} cannot take the VIP until changed too`;
  return [
    ...labelled(`  ${number}. `, `${printable(title)}: ${where}`, columns, String),
    ...(standBack.length === 0 ? [] : labelled('     ', meanwhile, columns, String)),
    ...nodes.flatMap((node) => {
      const fates = services.filter((service) => service.node === node).map((service) => serviceText(service, isKept));
      return fates.flatMap((fate) => labelled(`     ${printable(node)}  `, fate, columns, String));
    }),
  ];
}

function serviceText({ unit, action }: Stage['services'][number], isKept: boolean): string {
  const daemon = daemons.get(unit) ?? printable(unit);
  switch (action) {
    case 'start':
      return `${daemon} is started`;
    case 'stop':
      return `${daemon} is stopped: its service on this node ends`;
    case 'reload':
      // What becomes of a VIP that goes is said of the VIP.
      return unit === 'keepalived.service' && !isKept
        ? `${daemon} is reloaded`
        : `${daemon} is reloaded: no connection is cut`;
    case 'restart':
      return unit === 'haproxy.service'
        ? `${daemon} is restarted: connections through this node end`
        : `${daemon} is restarted: a VIP that is here moves`;
    default:
      return `${daemon}: ${action}`;
  }
}

const daemons: ReadonlyMap<string, string> = new Map([
  ['haproxy.service', 'HAProxy'],
  ['keepalived.service', 'keepalived'],
]);

function vipText({ address, holders, course }: Course['vips'][number]): string {
  const [vip, holder] = [printable(address), listed(holders.map(printable))];
  switch (course) {
    case 'stays':
      return `${vip} stays on ${holder}`;
    case 'moves':
      return `${vip} moves from ${holder} to another node when ${holder} is interrupted; open connections end, new ones are answered there`;
    case 'ends':
      return `${vip} does not answer while ${holder} is interrupted: there is no other node`;
    case 'replaces':
      return `${vip} comes up on ${holder}, which gives up the VIP that it holds now: connections through that one end`;
    case 'appears':
      return `${vip} is held by no node now; it comes up on the first that serves`;
  }
}
