import type { Event } from '../../engine/run/events.js';

/** The event, or events, of this name. */
export type EventOf<Name extends Event['event']> = Extract<Event, { readonly event: Name }>;

/** Events that tell how far a node has come. */
export type NodeEvent = StepEvent | EventOf<'connecting' | 'connected' | 'observed' | 'planned' | 'node-finished'>;

/** Events that are about one step of a node. */
export type StepEvent = EventOf<'change-started' | 'change-output' | 'change-finished'>;
