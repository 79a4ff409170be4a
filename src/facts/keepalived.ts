import { Shell, sh } from '../remote/shell.js';
import { type Fact, unreadable } from './fact.js';

/** keepalived as its own data dump tells it; undefined when it does not run, or writes no dump. */
export interface KeepalivedProcess {
  /** `global_defs { router_id }` of the configuration that it runs. */
  readonly routerId: string;
  readonly instances: readonly RunningInstance[];
}

export interface RunningInstance {
  readonly name: string;
  readonly state: VrrpState;
  readonly effectivePriority: number;
}

/**
 * The 8 hexadecimal digits in a router id of ours that name what all nodes must have alike (`playbooks/agreement.ts`);
 * undefined where keepalived runs a configuration of somebody else.
 */
export function agreementShown({ routerId }: KeepalivedProcess): string | undefined {
  return /\/ha-deploy:[0-9a-f]{12}-([0-9a-f]{8})$/.exec(routerId)?.[1];
}

export type VrrpState = 'INIT' | 'BACKUP' | 'MASTER' | 'FAULT';

const states: readonly string[] = ['INIT', 'BACKUP', 'MASTER', 'FAULT'] satisfies VrrpState[];

/**
 * A shell function `dump_keepalived` that prints the data dump of the running daemon. SIGUSR1 asks for it (keepalived(8));
 * it is written a moment later, so the file is awaited until the section after the one we read has begun, a second at most.
 * The dump may hold the version 2 password: it is removed at once, and the lines with it are not printed.
 */
export const dumpKeepalived = Shell.literal(String.raw`
dump_keepalived() {
  pid=$(systemctl show --property=MainPID --value keepalived.service)
  [ "$pid" -gt 0 ] || return 1
  # 2.1 knows no other folder than /tmp.
  root=/proc/$pid/root
  folder=$(tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^TMPDIR=//p')
  [ -n "$folder" ] || folder=tmp
  # There is one dump for all who ask. A folder that only root can open can be locked by root alone.
  exec 9< /root && flock -w 5 9 || return 1
  rm -f "$root/$folder/keepalived.data" "$root/tmp/keepalived.data"
  kill -USR1 "$pid" || return 1
  polls=0
  until dump=$root/$folder/keepalived.data && is_dump || dump=$root/tmp/keepalived.data && is_dump; do
    [ "$polls" -lt 100 ] || return 1
    polls=$((polls + 1))
    sleep 0.01
  done
  sed -n -e '/^------< Interfaces/q' -e '/[Aa]uth.* data/d' -e '/^ Router ID = /p' -e '/^ VRRP Instance = /p' \
    -e '/^   State = /p' -e '/^   Virtual Router ID = /p' -e '/^   Effective priority = /p' "$dump"
  rm -f "$dump" "$root/$folder/keepalived_parent.data" "$root/tmp/keepalived_parent.data"
  exec 9<&-
}
# Anybody may put something in its place in /tmp.
is_dump() {
  [ -f "$dump" ] && [ ! -h "$dump" ] && [ -O "$dump" ] && grep -qs '^------< Interfaces' "$dump"
}
`);

export const keepalivedProcess: Fact<KeepalivedProcess | undefined> = {
  id: 'keepalived',
  command: sh`${dumpKeepalived}dump_keepalived`,
  parse: ({ exitCode, stdout }) => (exitCode === 0 ? parse(stdout) : undefined),
};

function parse(stdout: string): KeepalivedProcess {
  const [head = '', ...blocks] = stdout.split(/^ VRRP Instance = /m);
  const routerId = /^ Router ID = (.*)$/m.exec(head)?.[1];
  if (routerId === undefined) throw unreadable('the data dump shows no Router ID');
  return { routerId, instances: blocks.map(parseInstance) };
}

function parseInstance(block: string): RunningInstance {
  const name = block.slice(0, block.indexOf('\n'));
  const state = /^ {3}State = (\w+)$/m.exec(block)?.[1];
  const priority = /^ {3}Effective priority = (\d{1,3})$/m.exec(block)?.[1];
  if (state === undefined || !isState(state) || priority === undefined) {
    throw unreadable(`the data dump shows no state or priority of ${JSON.stringify(name)}`);
  }
  return { name, state, effectivePriority: Number(priority) };
}

function isState(text: string): text is VrrpState {
  return states.includes(text);
}
