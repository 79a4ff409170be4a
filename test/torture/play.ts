import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { on } from '../support/lab.js';
import { offSmallDisk, ontoSmallDisk } from './blow.js';
import type { Budgets } from './budgets.js';
import { check } from './checker.js';
import { brokenContract } from './contract.js';
import type { Ended, Operator, Running } from './operator.js';
import { configOf, type Pair, servicePort } from './pair.js';
import type { Recorder } from './recorder.js';
import { atRest, isQuiet, judgeRest } from './rest.js';
import { type Act, base, type Command, earlier, type Launch, type Sequence, type Wanted } from './scenario.js';
import { lastWanted } from './sequence.js';
import { Strikes } from './strikes.js';
import type { Rule, Violation } from './violation.js';
import { Watch } from './watch.js';

/** What a sequence is played on. */
export interface Theatre {
  readonly pair: Pair;
  /** Two operators. */
  readonly desks: readonly [Operator, Operator];
  readonly budgets: Budgets;
  readonly leaseMs: number;
}

/** What came of a sequence. */
export interface Played {
  readonly runs: number;
  readonly struck: ReadonlyMap<string, number>;
  readonly missed: number;
  readonly longestStallMs: number;
  readonly violations: readonly Violation[];
}

/** Plays a sequence on a pair that is in service, and leaves it as {@link base} says. */
export async function play(theatre: Theatre, sequence: Sequence, recorder: Recorder): Promise<Played> {
  return await new Play(theatre, sequence, recorder).play();
}

class Play {
  readonly #theatre: Theatre;
  readonly #sequence: Sequence;
  readonly #recorder: Recorder;
  readonly #strikes: Strikes;
  readonly #violations: Violation[] = [];
  /** The nodes that an operator has taken out of service. */
  readonly #absent = new Set<string>();
  #runs = 0;

  constructor(theatre: Theatre, sequence: Sequence, recorder: Recorder) {
    this.#theatre = theatre;
    this.#sequence = sequence;
    this.#recorder = recorder;
    this.#strikes = new Strikes(theatre.pair, recorder, sequence.smallDisk, theatre.leaseMs);
  }

  async play(): Promise<Played> {
    const { pair, budgets } = this.#theatre;
    const { smallDisk } = this.#sequence;
    await this.#prepare();
    const small = smallDisk && { host: pair.hosts[smallDisk.node], folder: smallDisk.folder };
    if (small !== undefined) await on(small.host, ontoSmallDisk(small.folder));
    const names = new Map(pair.hosts.map(({ address, name }) => [address, name]));
    const watches = await Promise.all(
      pair.hosts.map(async (host) => Watch.open(host, servicePort, pair.vips, names, this.#recorder.note)),
    );
    // The clock of the watches is coarser.
    const from = Math.max(Date.now(), ...this.#recorder.trace.map(({ at }) => at));
    try {
      for (const act of this.#sequence.acts) {
        await this.#act(act);
        if (act.heals) await this.#strikes.healed();
        await pause(act.thenMs);
      }
      await this.#strikes.healed();
      await this.#rest();
      await this.#repair();
    } finally {
      await this.#strikes.healed();
      await Promise.all(watches.map(async (watch) => watch.stop()));
      if (small !== undefined) await on(small.host, offSmallDisk(small.folder));
    }
    const { trace } = this.#recorder;
    const nodes = pair.hosts.map(({ name }) => name);
    return {
      runs: this.#runs,
      struck: this.#strikes.struck,
      missed: this.#strikes.missed,
      longestStallMs: Math.max(0, ...trace.map((event) => (event.kind === 'stall' ? event.ms : 0))),
      violations: [
        // How it ends is known only up to the moment when the watches were told to stop.
        ...check(trace, { nodes, vips: pair.vips, from, to: Date.now() - 1000, budgets }),
        ...this.#violations,
      ],
    };
  }

  async #act(act: Act): Promise<void> {
    if (act.removes !== undefined) await this.#remove(act.removes.node, act.removes.package);
    const under: Promise<void>[] = [];
    for (const [number, launch] of act.launches.entries()) {
      if (launch.besideMs === undefined) await Promise.all(under);
      else await pause(launch.besideMs);
      under.push((await this.#launch(act, number, launch)).ended);
    }
    await Promise.all(under);
  }

  async #launch(act: Act, number: number, { command, desk }: Launch): Promise<{ ended: Promise<void> }> {
    const operator = this.#theatre.desks[desk];
    if (command.name === 'up') await operator.write(configOf(this.#theatre.pair, command.wanted));
    const faults = act.faults.filter(({ launch }) => launch === number);
    const { words, what } = this.#spoken(command);
    if (command.name === 'down') this.#takeOut(this.#theatre.pair.hosts[command.node].name, what);
    return { ended: this.#run(operator.start(words), `${what} (${act.kind})`, faults, command.name) };
  }

  async #run(running: Running, what: string, faults: Act['faults'], command: string): Promise<void> {
    this.#runs += 1;
    const id = this.#runs;
    this.#recorder.now({ kind: 'run', id, on: true, what });
    for (const fault of faults) this.#strikes.arm(fault, running);
    const from = Date.now();
    const ended = await running.ended;
    this.#recorder.now({ kind: 'run', id, on: false, what: `${what}: ${outcome(ended)}` });
    const broken = brokenContract(
      ended,
      faults.flatMap(({ kind }) => signalsOf(kind)),
    );
    if (broken !== undefined) this.#violated('contract', `${what}: ${broken}`, from);
    if (command === 'up' && ended.exitCode === 0) this.#bringBack(what);
  }

  #spoken(command: Command): { words: readonly string[]; what: string } {
    const words =
      command.name === 'down'
        ? ['down', '--limit', this.#theatre.pair.hosts[command.node].name, '--yes']
        : [command.name];
    return { words, what: command.name === 'up' ? `up with ${inWords(command.wanted)}` : words.join(' ') };
  }

  async #remove(node: 0 | 1, name: string): Promise<void> {
    const host = this.#theatre.pair.hosts[node];
    this.#takeOut(host.name, `${name} is removed`);
    try {
      await on(
        host,
        `DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=60 remove ${name} >/dev/null 2>&1`,
      );
    } catch (error) {
      // A fault of the act before may be in force.
      this.#recorder.now({ kind: 'note', text: `${name} is not removed: ${String(error)}` });
    }
  }

  #takeOut(node: string, why: string): void {
    this.#absent.add(node);
    this.#recorder.now({ kind: 'absent', node, on: true, why });
  }

  #bringBack(why: string): void {
    for (const node of this.#absent) this.#recorder.now({ kind: 'absent', node, on: false, why });
    this.#absent.clear();
  }

  /** Two generations that are the same for every sequence. */
  async #prepare(): Promise<void> {
    const { pair, desks } = this.#theatre;
    for (const wanted of [earlier, base]) {
      await desks[0].write(configOf(pair, wanted));
      const ended = await desks[0].run('up');
      if (ended.exitCode !== 0) throw new Error(`a sequence cannot begin: ${outcome(ended)}`);
    }
  }

  /** All nodes are old or all are new, once nothing happens any more. */
  async #rest(): Promise<void> {
    const { pair, desks, budgets, leaseMs } = this.#theatre;
    const from = Date.now();
    const look = async () => await Promise.all(pair.hosts.map(atRest));
    const quiet = eventually(
      'nothing happens any more',
      async () => {
        if (!(await look()).every(isQuiet)) throw new Error('something goes on');
      },
      leaseMs + budgets.rest,
    );
    await quiet.catch((error: unknown) => this.#recorder.now({ kind: 'note', text: String(error) }));
    const nodes = await look();
    const status = await desks[0].run('status');
    this.#recorder.now({ kind: 'note', text: `at rest: status says ${outcome(status)}` });
    for (const { rule, what } of judgeRest(nodes, status.result)) this.#violated(rule, what, from);
  }

  /** An `up` makes everything well, and one more has nothing to do. */
  async #repair(): Promise<void> {
    const { pair, desks } = this.#theatre;
    await desks[0].write(configOf(pair, base));
    const up = async (rule: Rule, isWell: (ended: Ended) => boolean): Promise<void> => {
      const from = Date.now();
      const running = desks[0].start(['up']);
      this.#runs += 1;
      this.#recorder.now({ kind: 'run', id: this.#runs, on: true, what: `up with ${inWords(base)} (repair)` });
      const ended = await running.ended;
      this.#recorder.now({ kind: 'run', id: this.#runs, on: false, what: outcome(ended) });
      if (isWell(ended)) this.#bringBack('up');
      else this.#violated(rule, `the last \`up\` ends with ${outcome(ended)}`, from);
    };
    await up('not-repaired', ({ exitCode }) => exitCode === 0);
    await up('not-idempotent', ({ exitCode, result }) => exitCode === 0 && result?.changed === 0);
  }

  #violated(rule: Rule, what: string, from: number): void {
    this.#violations.push({ rule, what, from, to: Date.now() });
  }
}

function signalsOf(fault: string): string[] {
  switch (fault) {
    case 'client-kill':
      return ['SIGKILL'];
    case 'client-interrupt':
      return ['SIGINT', 'SIGTERM'];
    default:
      return [];
  }
}

/** `exit code 1, NOT_CONFIRMED: …`. */
function outcome({ exitCode, signal, result }: Ended): string {
  const changed = result?.changed === undefined ? '' : `, ${result.changed} changed`;
  const error = result?.error === undefined ? '' : `, ${result.error.code}: ${result.error.message}`;
  return signal === null ? `exit code ${exitCode}${changed}${error}` : signal;
}

/** What of it is not as in the base. */
function inWords(wanted: Wanted): string {
  const differences = Object.entries(wanted).filter(([key, value]) => base[key as keyof Wanted] !== value);
  return differences.length === 0 ? 'base' : differences.map(([key, value]) => `${key} ${value}`).join(', ');
}

/** One line for each act. */
export function synopsis({ acts, smallDisk }: Sequence): string[] {
  const disk =
    smallDisk === undefined ? [] : [`  ${smallDisk.folder} of node ${smallDisk.node + 1} is on a small disk`];
  return [
    ...disk,
    ...acts.map((act) => {
      const wanted = lastWanted(act);
      const faults = act.faults.map((fault) => {
        const node = 'node' in fault ? ` on node ${fault.node + 1}` : '';
        const detail = 'detail' in fault ? ` (${fault.detail})` : '';
        return `${fault.kind}${node}${detail} at ${typeof fault.point === 'number' ? `event ${fault.point}` : fault.point} + ${fault.thenMs} ms of run ${fault.launch + 1}, for ${fault.forMs} ms`;
      });
      return `  ${act.kind}${wanted === undefined ? '' : ` [${inWords(wanted)}]`}: ${faults.join('; ') || 'no faults'}; then ${act.heals ? 'healed, and ' : ''}${act.thenMs} ms`;
    }),
  ];
}
