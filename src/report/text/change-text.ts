import type { PlannedChange } from '../../engine/run/events.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';

type Action = PlannedChange['action'];

const signs: Record<Action, string> = {
  create: '+',
  update: '~',
  remove: '-',
  start: '▶',
  stop: '■',
  enable: '◉',
  reload: '↻',
  restart: '↻',
  move: '→',
};

/** The sign of a change in its colour: green adds, yellow alters, red takes away or interrupts. */
export function signOf(action: Action, { colors }: Style): string {
  const paint = {
    create: colors.green,
    update: colors.yellow,
    remove: colors.red,
    start: colors.green,
    stop: colors.red,
    enable: colors.green,
    reload: colors.cyan,
    restart: colors.red,
    move: colors.yellow,
  }[action];
  return paint(signs[action]);
}

/** `+ create  package:haproxy  install`. */
export function changeText(change: PlannedChange, style: Style): string {
  const verb = change.action.padEnd(longestAction);
  return `${signOf(change.action, style)} ${verb}  ${printable(change.resource)}  ${style.colors.dim(printable(change.summary))}`;
}

const longestAction = Math.max(...Object.keys(signs).map((action) => action.length));

/** What clients notice of a change, where that is not nothing. */
export function consequence({ action, resource }: PlannedChange): string | undefined {
  if (!resource.startsWith('unit:')) return undefined;
  switch (action) {
    case 'restart':
      return resource === 'unit:keepalived.service'
        ? 'the VIP moves to another node if it is here'
        : 'service on this node is interrupted; the VIP moves to another node if it is here';
    case 'stop':
      return 'service on this node ends';
    default:
      return undefined;
  }
}
