import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a command on a host gave back; `output` is both of its streams as they came. */
export interface Output {
  readonly exitCode: number;
  readonly output: string;
}

/** As much of a host as it takes to see it boot. */
interface BootingHost {
  readonly name: string;
  readonly address: string;
  exec(command: readonly string[]): Promise<Output>;
}

/** Generous: three hosts on a busy machine with two processors take more than one minute. */
const bootSeconds = 180;
const sshSeconds = 30;

/** Waits in the host itself: to ask from outside again and again would cost more than the boot. */
const waitForSystemd = `
while :; do
  case $(systemctl is-system-running --wait 2>/dev/null) in
    running | degraded) exit 0 ;;
  esac
  sleep 0.05
done`;

/** Waits until systemd has started everything and sshd greets. Units that failed do not keep a host from being up. */
export async function untilBooted(host: BootingHost): Promise<void> {
  const { exitCode } = await host.exec(['timeout', `${bootSeconds}`, 'sh', '-c', waitForSystemd]);
  if (exitCode !== 0) {
    const { output } = await host.exec(['journalctl', '--no-pager', '--lines', '40']);
    throw new Error(`${host.name} did not boot within ${bootSeconds} s. The end of its journal:\n${output}`);
  }
  await untilSshGreets(host);
}

async function untilSshGreets({ name, address }: BootingHost): Promise<void> {
  const deadline = Date.now() + sshSeconds * 1000;
  while (!(await sshGreets(address))) {
    if (Date.now() > deadline) throw new Error(`${name} has booted, but no sshd greets at ${address}:22.`);
    await sleep(50);
  }
}

async function sshGreets(address: string): Promise<boolean> {
  const socket = connect({ host: address, port: 22, timeout: 1000 });
  const greeting = await new Promise<string>((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.once('timeout', () => resolve(''));
    socket.once('error', () => resolve(''));
    socket.once('end', () => resolve(''));
  });
  socket.destroy();
  return greeting.startsWith('SSH-');
}
