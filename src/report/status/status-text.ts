import { dayOf } from '../../cluster/values/certificate.js';
import type { Status } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import type { Style } from '../layout/style.js';
import { tableLines } from '../layout/table.js';
import { ageText, count, listed, typeable } from '../layout/wording.js';
import { warningText } from '../text/warning-text.js';
import { nodeRows } from './node-rows.js';
import { serviceRows } from './service-rows.js';

/** How a cluster is: in one word and its reasons, then who holds what, every node, every server. */
export function statusText(status: Status, style: Style): string {
  const { columns } = style;
  const blocks = [
    [...headline(status, style), ...hints(status, style)],
    tableLines(vipRows(status, style), columns),
    tableLines(nodeRows(status.nodes, style), columns),
    tableLines(serviceRows(status.services, style), columns),
    [...certificateLines(status, style), ...bootedLines(status, style), ...drainingLines(status, style)],
    status.warnings.map((message) => warningText({ message }, style)),
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function headline({ state, findings, nodes }: Status, { colors, columns }: Style): string[] {
  const label = `${state.toUpperCase()}  `;
  const paint = { healthy: colors.green, degraded: colors.yellow, down: colors.red }[state];
  const [first, ...others] = findings;
  const whole = Object.keys(nodes).length === 1 ? '' : ', every node could take over';
  const calm = `every VIP is held, every service answers${whole}`;
  return [
    ...labelled(label, printable(first?.message ?? calm), columns, (text) => colors.bold(paint(text))),
    ...others.flatMap(({ message }) => labelled(' '.repeat(label.length), printable(message), columns, String)),
  ];
}

/** What to do, each thing once. */
function hints({ findings }: Status, { colors, columns, config }: Style): string[] {
  const said = new Set(findings.flatMap(({ hint }) => hint ?? []));
  return [...said].flatMap((hint) => labelled('  → ', typeable(printable(hint), config), columns, colors.cyan));
}

function vipRows({ vips, nodes }: Status, { colors }: Style) {
  const isBlind = Object.values(nodes).some(({ error }) => error !== undefined);
  return [
    [['VIP', colors.dim] as const, ['HELD BY', colors.dim] as const],
    ...vips.map(({ address, holders }) => {
      const names = listed(holders.map(printable));
      if (holders.length === 1) return [[printable(address), colors.bold] as const, [names, colors.green] as const];
      const nobody = isBlind ? 'none of the nodes that answer' : 'no node';
      return [
        [printable(address), colors.bold] as const,
        [holders.length === 0 ? nobody : `${names} at once`, colors.red] as const,
      ];
    }),
  ];
}

/** Old processes that a reload left to their connections: they go by themselves. */
/** One for all nodes that show the same. */
function certificateLines({ nodes }: Status, { colors, columns }: Style): string[] {
  const shownBy = new Map<string, string[]>();
  for (const [node, { haproxy }] of Object.entries(nodes))
    for (const { service, names, until } of haproxy.certificates) {
      const text = `${service}: ${names.join(', ')} until ${dayOf(new Date(until * 1000))}`;
      shownBy.set(text, [...(shownBy.get(text) ?? []), node]);
    }
  const all = Object.values(nodes).filter(({ haproxy }) => haproxy.certificates.length > 0).length;
  return [...shownBy].flatMap(([text, at]) => {
    const where = at.length < all ? ` (${at.join(', ')})` : '';
    return labelled('tls       ', printable(`${text}${where}`), columns, colors.cyan);
  });
}

/** Seconds. Who looks today wants to know of a boot that nobody meant. */
const recently = 86_400;

function bootedLines({ nodes }: Status, { colors, columns }: Style): string[] {
  return Object.entries(nodes).flatMap(([name, { uptime }]) =>
    uptime === null || uptime > recently
      ? []
      : labelled('booted    ', `${printable(name)}: ${ageText(uptime)} ago`, columns, colors.cyan),
  );
}

function drainingLines({ nodes }: Status, { colors, columns }: Style): string[] {
  return Object.entries(nodes).flatMap(([name, { haproxy }]) =>
    haproxy.draining.flatMap(({ pid, reloads, connections }) => {
      const held = connections === undefined ? 'connections' : count(connections, 'connection');
      const text = `${printable(name)}: an old HAProxy (pid ${pid}) still has ${held}, ${count(reloads, 'reload')} ago`;
      return labelled('draining  ', text, columns, colors.cyan);
    }),
  );
}
