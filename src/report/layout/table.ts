import { type StyledText, shortened, width } from './spans.js';

/** Two spaces keep columns apart. */
const gap = 2;

/** Columns: narrower than this, nothing is recognised any more. */
const narrowest = 4;

/** Cells in columns, each as wide as its longest text, in lines of at most this many columns: the widest give way. */
export function tableLines(rows: readonly (readonly StyledText[])[], columns: number): string[] {
  const widths = fittingWidths(rows, columns);
  return rows.map((row) => {
    const cells = row.map(([text, paint = String], index) => {
      const shown = shortened(text, widths[index] ?? 0);
      const isLast = row.slice(index + 1).every(([later]) => later === '');
      const padding = isLast ? '' : ' '.repeat((widths[index] ?? 0) - width(shown) + gap);
      return shown === '' ? padding : paint(shown) + padding;
    });
    return cells.join('');
  });
}

function fittingWidths(rows: readonly (readonly StyledText[])[], columns: number): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) =>
    Math.max(...rows.map((row) => width(row[index]?.[0] ?? ''))),
  );
  const used = widths.filter((each) => each > 0).length;
  const room = columns - gap * Math.max(0, used - 1);
  for (;;) {
    const widest = Math.max(0, ...widths);
    if (widths.reduce((sum, each) => sum + each, 0) <= room || widest <= narrowest) return widths;
    widths[widths.indexOf(widest)] = widest - 1;
  }
}
