import { printable } from './printable.js';

/** `1 change`, `14 changes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/**
 * A sentence whose commands of ours can be typed as they stand, also where the configuration file is not the usual one. One that names a
 * file already means another.
 */
export function typeable(sentence: string, config: string | undefined): string {
  return config === undefined
    ? sentence
    : sentence.replaceAll(/`ha-deploy [a-z]+\b(?! -c )/g, (command) => `${command} -c ${printable(config)}`);
}

/** Milliseconds for people: `35 ms`, `0.31 s`, `12.3 s`, `2 min 5 s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 99.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** How long something has been so, in seconds, for people: `45 s`, `12 min`, `3 h`, `12 d`. */
export function ageText(seconds: number): string {
  if (seconds < 100) return `${seconds} s`;
  if (seconds < 6000) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
