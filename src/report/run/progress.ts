import type { Command, Event, Outcome, PlannedChange } from '../../engine/run/events.js';
import type { NodeEvent, StepEvent } from './event-of.js';

/** How far a node has come, as the events tell it. */
export interface NodeProgress {
  readonly node: string;
  phase: 'unseen' | 'connecting' | 'observing' | 'observed' | 'planned' | 'changing';
  /** What the node is in the middle of, or was last: `Packages`. */
  stage: string;
  changes: readonly PlannedChange[];
  /** By index, in the order in which they began. */
  readonly steps: Map<number, StepProgress>;
  /** How long it took to connect and to look around, ms. */
  seenAfterMs: number;
  /** Whether something runs here, or the last thing that ran anywhere did. */
  isAtWork: boolean;
  outcome: Outcome | undefined;
}

export interface StepProgress {
  readonly change: PlannedChange;
  readonly startedAt: Date;
  /** The last line that it printed. */
  line?: string;
  ended?: { readonly ok: boolean; readonly durationMs: number };
}

/** How a node's line ends: well, badly, or before it was finished. */
export type End = 'done' | 'failed' | 'left';

/** All nodes of a run, in the order of the configuration. */
export class Progress {
  readonly nodes = new Map<string, NodeProgress>();
  readonly now: () => Date;
  command: Command | undefined;

  constructor(now: () => Date) {
    this.now = now;
  }

  /** Takes note of an event. */
  on(event: Event): void {
    switch (event.event) {
      case 'started':
        this.command = event.command;
        for (const node of event.nodes) this.#node(node);
        return;
      case 'stage':
        for (const node of event.nodes) this.#node(node).stage = event.title;
        return;
      case 'warning':
      case 'finding':
      case 'failover':
      case 'course':
      case 'plan-saved':
      case 'preview':
      case 'difference':
      case 'waiting':
      case 'rendered':
      case 'verified':
      case 'fault-started':
      case 'fault-finished':
      case 'status':
      case 'result':
        return;
      default:
        this.#onNode(this.#node(event.node), event);
    }
  }

  #onNode(node: NodeProgress, event: NodeEvent): void {
    switch (event.event) {
      case 'connecting':
        node.phase = 'connecting';
        return;
      case 'connected':
        node.phase = 'observing';
        node.seenAfterMs = event.durationMs;
        return;
      case 'observed':
        // Nodes are looked at again after their changes; only the first look counts.
        if (node.phase === 'observing') node.seenAfterMs += event.durationMs;
        if (node.phase === 'observing') node.phase = 'observed';
        return;
      case 'planned':
        // A plan made anew is of a node that is being changed, and goes on being changed.
        if (event.anew === undefined) node.phase = 'planned';
        node.changes = event.changes;
        return;
      case 'node-finished':
        node.outcome = event.outcome;
        return;
      default:
        this.#onStep(node, event);
    }
  }

  #onStep(node: NodeProgress, event: StepEvent): void {
    const change = node.changes[event.index];
    if (change === undefined) return;
    node.phase = 'changing';
    const step = node.steps.get(event.index) ?? { change, startedAt: this.now() };
    node.steps.set(event.index, step);
    if (event.event === 'change-output') {
      step.line = event.line;
      return;
    }
    if (event.event === 'change-finished') step.ended = { ok: event.ok, durationMs: event.durationMs };
    for (const other of this.nodes.values()) {
      other.isAtWork = other === node || [...other.steps.values()].some(({ ended }) => ended === undefined);
    }
  }

  #node(node: string): NodeProgress {
    const known = this.nodes.get(node);
    if (known !== undefined) return known;
    const fresh: NodeProgress = {
      node,
      phase: 'unseen',
      stage: '',
      changes: [],
      steps: new Map(),
      seenAfterMs: 0,
      isAtWork: false,
      outcome: undefined,
    };
    this.nodes.set(node, fresh);
    return fresh;
  }
}

/** How many of a node's changes are made. */
export function made(node: NodeProgress | undefined): number {
  return [...(node?.steps.values() ?? [])].filter(({ ended }) => ended?.ok === true).length;
}

/** Never well where a step of the node did not go well. */
export function endOf({ outcome, steps }: NodeProgress): End {
  if (outcome === 'failed' || outcome === 'unreachable') return 'failed';
  if ([...steps.values()].some(({ ended }) => ended?.ok === false)) return 'failed';
  return outcome === 'skipped' ? 'left' : 'done';
}
