import type { LabHost } from '../../docker/host.js';
import { on } from './lab.js';

/** Marks this moment in a host's journal; what it returns reads what a unit has logged from then on, without times. */
export async function journalFromNow(host: LabHost, unit: string): Promise<() => Promise<string>> {
  const shown = await on(host, 'journalctl --sync; journalctl --quiet --lines 0 --show-cursor');
  const cursor = shown.replace(/^-- cursor: /, '');
  return async () =>
    on(host, `journalctl --sync; journalctl --quiet --unit ${unit} --after-cursor '${cursor}' --output cat`);
}
