import type { Style } from '../layout/style.js';
import type { End } from './progress.js';

/** The mark before a line that has ended. */
export function markOf(end: End, { colors }: Style): string {
  switch (end) {
    case 'done':
      return colors.green('✔');
    case 'failed':
      return colors.red('✖');
    case 'left':
      return colors.yellow('↓');
  }
}
