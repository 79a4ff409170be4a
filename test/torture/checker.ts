import type { Budgets } from './budgets.js';
import type { FaultKind } from './scenario.js';
import { extended, intersection, type Span, type Spans, spansOf, union, without } from './spans.js';
import type { TraceEvent } from './trace.js';
import type { Rule, Violation } from './violation.js';

/** What a trace is judged by. */
export interface Question {
  readonly nodes: readonly string[];
  /** The addresses that may be VIPs; the first is one throughout. */
  readonly vips: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly budgets: Budgets;
}

const boots: readonly FaultKind[] = ['reboot', 'power-cut'];
const isolations: readonly FaultKind[] = ['isolate', 'link-down'];
/** What may keep a node from going back, so that it must not take part either. */
const hindrances: readonly FaultKind[] = ['disk-full', 'command-fails'];

/** Which rules about time a recorded sequence breaks. The trace is in order of time and begins with how everything was. */
export function check(trace: readonly TraceEvent[], question: Question): readonly Violation[] {
  const scene = new Scene(trace, question);
  return [...twoHolders(scene), ...noHolder(scene), ...standingBack(scene)].toSorted(
    (one, other) => one.from - other.from,
  );
}

/** Never two holders of a VIP that hear each other and whose keepalived runs, for longer than a takeover. */
function twoHolders(scene: Scene): Violation[] {
  const { nodes, vips, budgets } = scene.question;
  return nodes.flatMap((one, index) =>
    nodes.slice(index + 1).flatMap((other) => {
      const deaf = extended(union(scene.apart(one), scene.apart(other)), budgets.twoHolders);
      return vips.flatMap((vip) => {
        const both = intersection(
          scene.holds(one, vip),
          scene.holds(other, vip),
          scene.keepalived(one),
          scene.keepalived(other),
        );
        return scene.beyond(
          without(both, deaf),
          budgets.twoHolders,
          'two-holders',
          `${one} and ${other} both hold ${vip}`,
        );
      });
    }),
  );
}

/** A holder, whose HAProxy listens, whenever a node may serve. */
function noHolder(scene: Scene): Violation[] {
  const { nodes, vips, budgets } = scene.question;
  const [vip = ''] = vips;
  const held = union(
    ...nodes.map((node) => intersection(scene.holds(node, vip), scene.haproxy(node), scene.reachable(node))),
  );
  const free = union(...nodes.map((node) => without(scene.able(node), scene.toldToStandBack(node))));
  const able = union(...nodes.map((node) => scene.able(node)));
  return [
    ...scene.beyond(without(free, held), budgets.noHolder, 'no-holder', `nobody serves ${vip}`),
    ...scene.beyond(
      without(able, held),
      budgets.noHolderWhileHeld,
      'no-holder',
      `nobody serves ${vip}, and nodes stand back`,
    ),
  ];
}

/** Nobody whose keepalived runs stands back without a live lease: its own, or that of the holder, for which it may have to wait. */
function standingBack(scene: Scene): Violation[] {
  const { nodes, budgets } = scene.question;
  return nodes.flatMap((node) => {
    const excused = extended(
      union(
        ...nodes.map((each) => scene.leased(each)),
        scene.hindered(node),
        without(scene.watched(node), scene.keepalived(node)),
        ...nodes.map((each) => scene.apart(each)),
      ),
      budgets.standingBack,
    );
    return scene.beyond(
      without(scene.standing(node), excused),
      0,
      'standing-back',
      `${node} stands back without a lease`,
    );
  });
}

/** When what was so, by node. */
class Scene {
  readonly question: Question;
  readonly #trace: readonly TraceEvent[];
  readonly #stalls: readonly Span[];
  readonly #window: Spans;

  constructor(trace: readonly TraceEvent[], question: Question) {
    this.#trace = trace;
    this.question = question;
    this.#window = [{ from: question.from, to: question.to }];
    this.#stalls = union(
      trace.flatMap((event) => (event.kind === 'stall' ? [{ from: event.at - event.ms, to: event.at }] : [])),
    );
  }

  watched(node: string): Spans {
    return this.#spans((event) => event.kind === 'watched' && event.node === node);
  }

  holds(node: string, vip: string): Spans {
    return this.#seen(node, (event) => event.kind === 'address' && event.address === vip);
  }

  keepalived(node: string): Spans {
    return this.#seen(node, (event) => event.kind === 'keepalived');
  }

  haproxy(node: string): Spans {
    return this.#seen(node, (event) => event.kind === 'haproxy');
  }

  standing(node: string): Spans {
    return this.#seen(node, (event) => event.kind === 'standing');
  }

  /** While a lease on the node is live. */
  leased(node: string): Spans {
    const leases = this.#trace.flatMap((event) => (event.kind === 'lease' && event.node === node ? [event] : []));
    return union(
      leases.flatMap(({ at, lease }, index) =>
        lease === undefined ? [] : [{ from: at, to: Math.min(lease.until, leases[index + 1]?.at ?? this.question.to) }],
      ),
    );
  }

  toldToStandBack(node: string): Spans {
    return intersection(this.standing(node), extended(this.leased(node), this.question.budgets.standingBack));
  }

  /** Cut off from its peer. */
  apart(node: string): Spans {
    return this.#struck(node, [...isolations, 'cut-peer']);
  }

  hindered(node: string): Spans {
    return this.#struck(node, hindrances);
  }

  /** It is up, and not cut off from everybody. */
  reachable(node: string): Spans {
    return without(this.watched(node), this.#struck(node, isolations));
  }

  /** It could serve: it is reachable, had time to boot, and nobody has taken it out of service. */
  able(node: string): Spans {
    const absent = this.#spans((event) => event.kind === 'absent' && event.node === node);
    const blind = without(this.#window, this.watched(node));
    const booting = extended(union(this.#struck(node, boots), blind), this.question.budgets.boot);
    return without(this.reachable(node), booting, absent);
  }

  /** Those of the spans that last longer than a budget and what the machine stood still meanwhile. */
  beyond(spans: Spans, budget: number, rule: Rule, what: string): Violation[] {
    return spans.flatMap(({ from, to }) => {
      const stood = intersection([{ from, to }], this.#stalls).reduce((sum, stall) => sum + stall.to - stall.from, 0);
      return to - from > budget + stood ? [{ rule, what: `${what} for ${seconds(to - from)}`, from, to }] : [];
    });
  }

  #struck(node: string, kinds: readonly FaultKind[]): Spans {
    const faults = this.#trace.flatMap((event) =>
      event.kind === 'fault' && event.node === node && kinds.includes(event.fault) ? [event] : [],
    );
    return union(
      ...[...new Set(faults.map(({ id }) => id))].map((id) =>
        spansOf(
          faults.filter((fault) => fault.id === id),
          this.question.to,
        ),
      ),
    );
  }

  /** What a stream tells counts as long as there is one: a new one tells everything anew. */
  #seen(node: string, concerns: (event: TraceEvent) => boolean): Spans {
    return this.#spans(
      (event) =>
        ('node' in event && event.node === node && concerns(event)) ||
        (event.kind === 'watched' && event.node === node && !event.on),
    );
  }

  #spans(concerns: (event: TraceEvent) => boolean): Spans {
    const changes = this.#trace.flatMap((event) =>
      'on' in event && concerns(event) ? [{ at: event.at, on: event.on }] : [],
    );
    return intersection(spansOf(changes, this.question.to), this.#window);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
