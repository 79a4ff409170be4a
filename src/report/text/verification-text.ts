import type { Verification } from '../../engine/run/events.js';
import { labelled } from '../layout/labelled.js';
import { printable } from '../layout/printable.js';
import { padded, width } from '../layout/spans.js';
import type { Style } from '../layout/style.js';
import { listed } from '../layout/wording.js';
import { warningText } from './warning-text.js';

type ServiceState = Verification['services'][number];

/** Who holds the VIPs, what answers, how many backends are up, and what is not as it should be. */
export function verificationText({ vips, services, problems, warnings }: Verification, style: Style): string {
  const rows: Row[] = [
    ...vips.map(({ address, holders }): Row => [printable(address), 'VIP', holderText(holders, style)]),
    ...services.map(
      (service): Row => [
        printable(service.address),
        printable(service.name),
        [answerText(service, style), ...(isHeld(service, vips) ? [backendText(service.backends, style)] : [])].join(
          ', ',
        ),
      ],
    ),
  ];
  return [
    ...table(rows, style),
    ...problems.flatMap((problem) => labelled('problem  ', printable(problem), style.columns, style.colors.red)),
    ...warnings.map((message) => warningText({ message }, style)),
  ].join('\n');
}

/** Whose HAProxy counts the servers is who holds the VIP: without a holder nobody has counted. */
function isHeld({ vip }: ServiceState, vips: Verification['vips']): boolean {
  return vips.some(({ address, holders }) => address === vip && holders.length > 0);
}

type Row = readonly [address: string, name: string, state: string];

function table(rows: readonly Row[], { colors }: Style): string[] {
  const addresses = Math.max(...rows.map(([address]) => width(address)));
  const names = Math.max(...rows.map(([, name]) => width(name)));
  return rows.map(
    ([address, name, state]) => `${colors.bold(padded(address, addresses))}  ${padded(name, names)}  ${state}`,
  );
}

function holderText(holders: readonly string[], { colors }: Style): string {
  const names = listed(holders.map(printable));
  if (holders.length === 0) return colors.red('held by no node');
  return holders.length === 1 ? `held by ${colors.green(names)}` : colors.red(`held by ${names} at once`);
}

function answerText({ reachable, unreachableFrom, connections }: ServiceState, { colors }: Style): string {
  if (connections?.full === true) return colors.red(fullText(connections));
  const deaf = [...(reachable === false ? ['here'] : []), ...unreachableFrom.map(printable)];
  if (deaf.length > 0) return colors.red(`does not answer from ${listed(deaf)}`);
  return reachable === null ? 'answers from the nodes (no answer here)' : colors.green('answers');
}

/** `full: 200 of 200 connections`. */
function fullText({ current, limit }: NonNullable<ServiceState['connections']>): string {
  return `full: ${current} of ${limit} connections`;
}

function backendText({ up, total, unchecked }: ServiceState['backends'], { colors }: Style): string {
  if (unchecked !== undefined) return colors.yellow(`${up} of ${total} backends up, ${unchecked} not asked yet`);
  if (up === 0) return colors.yellow(`no backend up (0 of ${total})`);
  const text = `${up} of ${total} backends up`;
  return up === total ? text : colors.yellow(text);
}
