import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { getContainerRuntimeClient } from 'testcontainers';
import { type Output, untilBooted } from './boot.js';
import { HostShell } from './host-shell.js';
import type { HostIdentity } from './identity.js';

/** A running host of a lab, seen from outside: none of this goes through SSH. */
export class LabHost implements HostIdentity {
  readonly containerId: string;
  readonly name: string;
  readonly address: string;
  readonly address6: string;
  readonly #shell: HostShell;

  constructor(containerId: string, identity: HostIdentity) {
    this.containerId = containerId;
    this.name = identity.name;
    this.address = identity.address;
    this.address6 = identity.address6;
    this.#shell = new HostShell(containerId);
  }

  /** Runs a script as root, up to the first command that fails; its exit code is for the caller to judge. */
  async run(script: string): Promise<Output> {
    return await this.#shell.run(script);
  }

  /** Runs a command as root; its exit code is for the caller to judge. */
  async exec(command: readonly string[]): Promise<Output> {
    const client = await getContainerRuntimeClient();
    const { exitCode, output } = await client.container.exec(await this.container(), [...command]);
    return { exitCode, output };
  }

  /** Runs a command as root with `input` as its standard input; throws if it fails. */
  async pipe(input: string | Buffer, command: readonly string[]): Promise<void> {
    const child = spawn('docker', ['exec', '--interactive', this.containerId, ...command], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    // A command that does not read its input is judged by its exit code.
    child.stdin.on('error', () => undefined).end(input);
    const [exitCode, errors] = await Promise.all([exit, text(child.stderr)]);
    if (exitCode !== 0) throw new Error(`${this.name}: \`${command.join(' ')}\` failed: ${errors.trim()}`);
  }

  /** Copies a file in, as root; folders on the way are made. */
  async copyIn(source: string, target: string, mode = '0644'): Promise<void> {
    await this.pipe(await readFile(source), ['install', '-D', '-m', mode, '/dev/stdin', target]);
  }

  /** Freezes every process of the host, as a hanging kernel would. */
  async pause(): Promise<void> {
    await (await this.container()).pause();
  }

  async unpause(): Promise<void> {
    await (await this.container()).unpause();
  }

  /** Shuts the host down cleanly. */
  async stop(): Promise<void> {
    await (await this.container()).stop({ t: 30 });
  }

  /** Cuts the power. */
  async kill(): Promise<void> {
    await (await this.container()).kill();
  }

  /** Boots a stopped host, with the disk and the addresses it had, and waits until it is up. */
  async start(): Promise<void> {
    await (await this.container()).start();
    await untilBooted(this);
  }

  /** Reboots the host and waits until it is up again. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  private async container() {
    return (await getContainerRuntimeClient()).container.getById(this.containerId);
  }
}
