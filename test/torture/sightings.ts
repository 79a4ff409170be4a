import type { Sighting } from './trace.js';

/** How the words of a stream become those of a trace. */
export interface Translation {
  /** Milliseconds since 1970. */
  readonly bootedAt: number;
  /** The nodes, by their addresses. */
  readonly names: ReadonlyMap<string, string>;
}

/** When a line of the stream was written. */
export function timeOf(line: string, { bootedAt }: Translation): number {
  return bootedAt + Number(line.split(' ')[1]) * 1000;
}

/** What a line of the stream of a node tells; nothing where it only shows that the stream goes on. */
export function sightings(line: string, node: string, translation: Translation): (Sighting & { at: number })[] {
  const [kind, , ...words] = line.split(' ');
  const at = timeOf(line, translation);
  switch (kind) {
    case 'a': {
      const [stamp = '-', sign, address = ''] = words;
      return [{ at: stamp === '-' ? at : Date.parse(`${stamp}Z`), kind: 'address', node, address, on: sign === '+' }];
    }
    case 'v': {
      const [from = '', routerId, priority] = words;
      const name = translation.names.get(from) ?? from;
      return [{ at, kind: 'advert', node, from: name, routerId: Number(routerId), priority: Number(priority) }];
    }
    case 't':
      return [{ at, kind: 'stall', node, ms: Number(words[0]) * 1000 }];
    case 's':
      return state(at, node, words, translation);
    default:
      return [];
  }
}

function state(
  at: number,
  node: string,
  [what, value = '', until]: readonly string[],
  { bootedAt }: Translation,
): (Sighting & { at: number })[] {
  switch (what) {
    case 'lease': {
      const lease = value === '-' ? undefined : { token: value, until: bootedAt + Number(until) * 1000 };
      return [{ at, kind: 'lease', node, lease }];
    }
    case 'standing':
    case 'keepalived':
    case 'haproxy':
      return [{ at, kind: what, node, on: value === '1' }];
    default:
      return [];
  }
}
