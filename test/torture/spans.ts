/** From the first millisecond to before the second. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Spans in order, none of which is empty, and none of which touches the next. */
export type Spans = readonly Span[];

/** In order, with what overlaps or touches made one. */
export function union(...parts: readonly (readonly Span[])[]): Spans {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of parts.flat().toSorted((one, other) => one.from - other.from)) {
    if (to <= from) continue;
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

export function intersection(one: Spans, ...others: readonly Spans[]): Spans {
  return others.reduce(
    (common, other) =>
      union(
        common.flatMap((left) =>
          other.map((right) => ({ from: Math.max(left.from, right.from), to: Math.min(left.to, right.to) })),
        ),
      ),
    one,
  );
}

/** What is in `all` and in none of the others. */
export function without(all: Spans, ...others: readonly Spans[]): Spans {
  let left: Span[] = [...all];
  for (const gone of union(...others))
    left = left
      .flatMap(({ from, to }) => [
        { from, to: Math.min(to, gone.from) },
        { from: Math.max(from, gone.to), to },
      ])
      .filter(({ from, to }) => from < to);
  return left;
}

/** Each longer by so many milliseconds at its end. */
export function extended(spans: Spans, ms: number): Spans {
  return union(spans.map(({ from, to }) => ({ from, to: to + ms })));
}

/** When something was so, from the moments at which it came and went, in order; it lasts until `end`. */
export function spansOf(changes: readonly { readonly at: number; readonly on: boolean }[], end: number): Spans {
  const spans: Span[] = [];
  let since: number | undefined;
  for (const { at, on } of changes) {
    if (on) since ??= at;
    else if (since !== undefined) {
      spans.push({ from: since, to: at });
      since = undefined;
    }
  }
  return union(since === undefined ? spans : [...spans, { from: since, to: end }]);
}
