import type { LabHost } from '../../docker/host.js';

const longest = 80;

/** What the daemons and the watch of a node wrote between two moments, the last lines of it; nothing where it cannot be asked. */
export async function journalLines(host: LabHost, from: number, to: number): Promise<string[]> {
  const at = (ms: number): string => `@${Math.floor(ms / 1000)}`;
  const { output } = await host.run(
    `journalctl --no-pager --no-hostname --output short-iso-precise --since ${at(from)} --until ${at(to + 1000)} \
  --unit keepalived --unit haproxy --unit 'ha-deploy-*' | grep -vE 'Printing .* data| haproxy\\[' | tail -n ${longest}`,
  );
  return output.split('\n').flatMap((line) => (line === '' ? [] : [`  ! ${host.name} ${line}`]));
}
