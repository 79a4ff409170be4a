import type { FaultKind } from './scenario.js';

/** What was seen and done in the course of a sequence; `at` is in milliseconds since 1970. */
export type TraceEvent = { readonly at: number } & (
  | Sighting
  /** Whether a node can be looked at: it is up, and its stream tells. What it held before is not known any more. */
  | { readonly kind: 'watched'; readonly node: string; readonly on: boolean }
  | {
      readonly kind: 'fault';
      readonly fault: FaultKind;
      /** The node that it strikes; undefined where it strikes the program. */
      readonly node?: string;
      /** The first and the second of a fault share it. */
      readonly id: number;
      readonly on: boolean;
      readonly note?: string;
    }
  | { readonly kind: 'run'; readonly id: number; readonly on: boolean; readonly what: string }
  /** An operator has taken a node out of service, and has not put it back yet. */
  | { readonly kind: 'absent'; readonly node: string; readonly on: boolean; readonly why: string }
  | { readonly kind: 'note'; readonly text: string }
);

/** What the stream of a node tells. */
export type Sighting = { readonly node: string } & (
  | { readonly kind: 'address'; readonly address: string; readonly on: boolean }
  /** keepalived has both of its processes; HAProxy listens on the service's port; the node is told to stand back. */
  | { readonly kind: 'keepalived' | 'haproxy' | 'standing'; readonly on: boolean }
  /** Who may change the node, until when; undefined is nobody. */
  | { readonly kind: 'lease'; readonly lease: { readonly token: string; readonly until: number } | undefined }
  /** The node has heard one of its peer. */
  | { readonly kind: 'advert'; readonly from: string; readonly routerId: number; readonly priority: number }
  /** The machine stood still for so long, before `at`. */
  | { readonly kind: 'stall'; readonly ms: number }
);

/** One event in words. */
export function told(event: TraceEvent): string {
  switch (event.kind) {
    case 'address':
      return `${event.node} ${event.on ? 'takes' : 'gives up'} ${event.address}`;
    case 'keepalived':
      return `${event.node} keepalived ${event.on ? 'runs' : 'does not run'}`;
    case 'haproxy':
      return `${event.node} HAProxy ${event.on ? 'listens' : 'does not listen'}`;
    case 'standing':
      return `${event.node} ${event.on ? 'stands back' : 'takes part'}`;
    case 'lease':
      return event.lease === undefined
        ? `${event.node} is nobody's`
        : `${event.node} is held by ${event.lease.token.slice(0, 6)} for ${Math.round((event.lease.until - event.at) / 1000)} s`;
    case 'advert':
      return `${event.node} hears ${event.from}: router id ${event.routerId}, priority ${event.priority}`;
    case 'stall':
      return `${event.node} stood still for ${Math.round(event.ms)} ms`;
    case 'watched':
      return `${event.node} ${event.on ? 'is watched' : 'cannot be watched'}`;
    case 'fault':
      return `${event.on ? 'FAULT' : 'healed'} ${event.fault}${event.node === undefined ? '' : ` on ${event.node}`}${event.note === undefined ? '' : ` (${event.note})`}`;
    case 'run':
      return `run ${event.id} ${event.on ? 'begins' : 'ends'}: ${event.what}`;
    case 'absent':
      return `${event.node} ${event.on ? 'is taken out of service' : 'is to serve again'}: ${event.why}`;
    case 'note':
      return event.text;
  }
}
