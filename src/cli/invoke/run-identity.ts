import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Author } from '../../engine/run/run.js';
import { systemCode } from '../../errors/system-code.js';
import type { Lease } from '../../facts/ledger/ledger.js';
import { localName } from './local-user.js';
import { version } from './version.js';

/**
 * This process, as the nodes are told.
 * @param configuration a digest of the configuration file
 * @param proc where the kernel shows processes, if it does
 */
export function author(configuration: string, tool = version(), proc = '/proc'): Author {
  const holder = `${localName() ?? `uid ${process.getuid?.() ?? 0}`}@${hostname()}`;
  const machine = machineOf();
  const started = startOf(process.pid, proc) ?? '';
  return {
    tenant: { holder, machine, pid: process.pid, process: started, since: Math.floor(Date.now() / 1000) },
    tool,
    configuration,
    isGone: (lease: Lease) =>
      lease.machine === machine &&
      lease.holder === holder &&
      !(isAlive(lease.pid) && (startOf(lease.pid, proc) ?? '') === lease.process),
  };
}

/** Two machines may have one name: a container and its copy, which see other processes. */
function machineOf(): string {
  const id = readText('/etc/machine-id') ?? '';
  const boot = readText('/proc/sys/kernel/random/boot_id') ?? '';
  return createHash('sha256').update(`${hostname()} ${id} ${boot} ${processNamespace()}`).digest('hex').slice(0, 16);
}

/** Within it a number means one process. Empty where there is no /proc. */
function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}

/** When a process started, in ticks since boot: a number that is used again is another process. Undefined where there is no /proc. */
function startOf(pid: number, proc: string): string | undefined {
  const stat = readText(`${proc}/${pid}/stat`);
  // The name, in parentheses, may hold anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
