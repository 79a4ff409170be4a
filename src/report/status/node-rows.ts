import type { Status } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import type { StyledText } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { ageText, count } from '../layout/wording.js';

type Nodes = Status['nodes'];
type NodeStatus = Nodes[string];
type Process = Pick<NodeStatus['haproxy'], 'active' | 'answers' | 'version' | 'uptime'>;

/** A row for every node, and one for every further VRRP instance of it. */
export function nodeRows(nodes: Nodes, style: Style): StyledText[][] {
  const { colors } = style;
  const titles = ['NODE', 'VRRP', 'HAPROXY', '', 'KEEPALIVED', '', 'DRIFT'];
  return [
    titles.map((title): StyledText => [title, colors.dim]),
    ...Object.entries(nodes).flatMap(([name, node]) => rowsOf(printable(name), node, style)),
  ];
}

function rowsOf(name: string, node: NodeStatus, style: Style): StyledText[][] {
  const { colors } = style;
  if (node.error !== undefined)
    return [
      [
        [name, colors.bold],
        [node.reachable ? 'unreadable' : 'unreachable', colors.red],
      ],
    ];
  const [first = ['-', colors.dim], ...others] = vrrpCells(node, style);
  return [
    [
      [name, colors.bold],
      first,
      ...processCells(node.haproxy, style),
      ...processCells(node.keepalived, style),
      driftCell(node, style),
    ],
    ...others.map((cell): StyledText[] => [[''], cell]),
  ];
}

function vrrpCells({ standing, keepalived: { instances } }: NodeStatus, { colors }: Style): StyledText[] {
  const paints = { MASTER: colors.green, BACKUP: String, INIT: colors.yellow, FAULT: colors.red };
  return instances.map(({ name, state, priority, since }): StyledText => {
    const which = instances.length > 1 ? `${printable(name)} ` : '';
    const why = standing === null || standing === 'taking part' ? '' : `, ${standing}`;
    // Since when the VIP is where it is.
    const held = state === 'MASTER' && since !== null ? `, ${ageText(since)}` : '';
    return [`${which}${state} ${priority}${held}${why}`, why === '' ? paints[state] : colors.yellow];
  });
}

/** What it is, and for how long. */
function processCells({ active, answers, version, uptime }: Process, { colors }: Style): StyledText[] {
  if (active !== true && answers !== true) return [['stopped', colors.red], ['']];
  if (answers !== true) return [['no answer', colors.red], ['']];
  // A distribution's own part of a version says nothing here: 2.6.12-1+deb12u3.
  const upstream = printable(version ?? '?').replace(/[-+~].*/, '');
  return [[upstream], [uptime === null ? '' : ageText(uptime), colors.dim]];
}

function driftCell({ changes }: NodeStatus, { colors }: Style): StyledText {
  if (changes === null) return ['unknown', colors.yellow];
  return changes === 0 ? ['no'] : [count(changes, 'change'), colors.yellow];
}
