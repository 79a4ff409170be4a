import { type TraceEvent, told } from './trace.js';

/** An event, but for when it was. */
type Unstamped = TraceEvent extends infer Event ? (Event extends TraceEvent ? Omit<Event, 'at'> : never) : never;

/** The trace of a sequence while it grows; whoever listens hears everything but adverts. */
export class Recorder {
  readonly startedAt = Date.now();
  readonly #events: TraceEvent[] = [];
  readonly #listeners = new Set<(event: TraceEvent) => void>();
  readonly #print: (line: string) => void;
  /** Who holds each node. */
  readonly #lease = new Map<string, string | undefined>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  readonly note = (event: TraceEvent): void => {
    this.#events.push(event);
    for (const heard of this.#listeners) heard(event);
    if (isNews(event, this.#lease)) this.#print(this.#line(event));
    if (event.kind === 'lease') this.#lease.set(event.node, event.lease?.token);
  };

  /** Returns when something of this kind happens. */
  async next(concerns: (event: TraceEvent) => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const hear = (event: TraceEvent): void => {
        if (!concerns(event)) return;
        this.#listeners.delete(hear);
        resolve();
      };
      this.#listeners.add(hear);
    });
  }

  now(event: Unstamped): void {
    this.note({ ...event, at: Date.now() });
  }

  #line(event: TraceEvent): string {
    return `  ${relative(event.at - this.startedAt)}  ${told(event)}`;
  }

  /** In order of time. */
  get trace(): readonly TraceEvent[] {
    return this.#events.toSorted((one, other) => one.at - other.at);
  }
}

/** Neither adverts nor renewals of a lease. */
function isNews(event: TraceEvent, leases: ReadonlyMap<string, string | undefined>): boolean {
  return event.kind !== 'advert' && (event.kind !== 'lease' || event.lease?.token !== leases.get(event.node));
}

/** `+12.345`, in seconds. */
export function relative(ms: number): string {
  return `${ms < 0 ? '-' : '+'}${(Math.abs(ms) / 1000).toFixed(3)}`.padStart(9);
}
