const unitMs: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Milliseconds of a whole number and a unit, such as `100ms`, `5s`, `4h`; nothing for any other text. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,10})(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = unitMs.get(unit ?? '');
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

/** The shortest spelling that {@link parseDuration} reads back as the same number. */
export function durationLiteral(milliseconds: number): string {
  const units = [...unitMs].toReversed();
  const [unit, factor] = units.find(([, size]) => milliseconds % size === 0) ?? ['ms', 1];
  return `${milliseconds / factor}${unit}`;
}
