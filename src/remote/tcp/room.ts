import { readdirSync, readFileSync } from 'node:fs';
import type { ConnectionCapacity } from '../runner.js';

/** What this process may still open; undefined where the kernel is not Linux, or does not tell. */
export function ownRoom(proc = '/proc'): ConnectionCapacity | undefined {
  try {
    const limit = /^Max open files +(\d+|unlimited) /m.exec(readFileSync(`${proc}/self/limits`, 'utf8'))?.[1];
    const range = readFileSync(`${proc}/sys/net/ipv4/ip_local_port_range`, 'utf8');
    const [, first, last] = /^(\d+)\s+(\d+)\s*$/.exec(range) ?? [];
    if (limit === undefined || first === undefined || last === undefined) return undefined;
    const most = limit === 'unlimited' ? Infinity : Number(limit);
    const open = readdirSync(`${proc}/self/fd`).length;
    return { files: { left: most - open, limit: most }, ports: Number(last) - Number(first) + 1 };
  } catch {
    return undefined;
  }
}
