import { type Directive, type Located, numberOf } from './source.js';

/** Something that keepalived looks at to know whether a node is fit, as a block at the top of the file defines it. */
export interface Tracked {
  readonly kind: 'script' | 'process' | 'file';
  readonly name: string;
  readonly line: number;
  /** The command, the names of the processes, or the path. */
  readonly subject: string;
  /** The program of the command, without its arguments. */
  readonly program: string;
  /** 0 is FAULT; otherwise what is added to a node's priority. */
  readonly weight: number;
  readonly reverse: boolean;
  /** Milliseconds from one run of a script to the next. */
  readonly intervalMs: number;
  /** Milliseconds until a script that does not end has failed. */
  readonly timeoutMs: number;
  /** How often a script fails before it counts. */
  readonly fall: number;
  /** Milliseconds before a process that has ended counts. */
  readonly delayMs: number;
}

/** A watcher as an instance uses it, with its own weight. */
export interface Tracker {
  readonly watcher: Tracked;
  readonly line: number;
  readonly weight: number;
  readonly reverse: boolean;
}

const kinds: Readonly<Record<string, Tracked['kind'] | undefined>> = {
  vrrp_script: 'script',
  vrrp_track_process: 'process',
  track_process: 'process',
  vrrp_track_file: 'file',
  track_file: 'file',
};

const uses: Readonly<Record<string, Tracked['kind'] | undefined>> = {
  track_script: 'script',
  track_process: 'process',
  track_file: 'file',
};

/** The watchers that the top of a file defines. */
export function watchersOf(top: readonly Directive[]): Tracked[] {
  return top.flatMap(({ words: [keyword = '', name], block, line }) => {
    const kind = kinds[keyword];
    return kind === undefined || name === undefined || block === undefined ? [] : [watcherOf(kind, name, line, block)];
  });
}

function watcherOf(kind: Tracked['kind'], name: string, line: number, block: readonly Directive[]): Tracked {
  const find = (...keywords: string[]) => block.findLast(({ words: [keyword = ''] }) => keywords.includes(keyword));
  const seconds = (...keywords: string[]) => numberOf(find(...keywords)?.words[1]);
  const weight = find('weight')?.words ?? [];
  const interval = Math.max(0, seconds('interval') ?? 1);
  const subject = (find('script', 'process', 'file')?.words ?? []).slice(1).join(' ');
  return {
    kind,
    name,
    line,
    subject,
    program: subject.split(' ')[0] ?? '',
    weight: weightOf(weight[1]) ?? 0,
    reverse: weight.includes('reverse'),
    intervalMs: interval * 1000,
    timeoutMs: Math.max(0, seconds('timeout') ?? interval) * 1000,
    fall: Math.max(1, seconds('fall') ?? 1),
    delayMs: Math.max(0, seconds('terminate_delay', 'delay') ?? 0) * 1000,
  };
}

/** The trackers that an instance or a sync group names, those that nothing defines left out. */
export function trackersOf(inside: readonly Directive[], watchers: readonly Tracked[]): Tracker[] {
  return usesIn(inside).flatMap(({ kind, use: { words, line } }): Tracker[] => {
    const found = watchers.find((watcher) => watcher.kind === kind && watcher.name === words[0]);
    if (found === undefined) return [];
    const own = words.indexOf('weight');
    const weight = own < 0 ? undefined : weightOf(words[own + 1]);
    const reverse = words.includes('reverse') || (found.reverse && !words.includes('noreverse'));
    return [{ watcher: found, line, weight: weight ?? found.weight, reverse }];
  });
}

/** The trackers that an instance names and nothing defines. */
export function undefinedTrackersOf(inside: readonly Directive[], watchers: readonly Tracked[]): Located<string>[] {
  return usesIn(inside).flatMap(({ kind, use: { words, line } }) => {
    const isDefined = watchers.some((watcher) => watcher.kind === kind && watcher.name === words[0]);
    return isDefined || words[0] === undefined ? [] : [{ value: words[0], line }];
  });
}

/** -253 to 253 (keepalived.conf(5)). */
function weightOf(word: string | undefined): number | undefined {
  const weight = numberOf(word);
  return weight && Math.max(-253, Math.min(253, weight));
}

function usesIn(inside: readonly Directive[]): { readonly kind: Tracked['kind']; readonly use: Directive }[] {
  return inside.flatMap(({ words: [keyword = ''], block = [] }) => {
    const kind = uses[keyword];
    return kind === undefined ? [] : block.map((use) => ({ kind, use }));
  });
}
