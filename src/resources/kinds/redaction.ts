import type { Content } from '../../cluster/secrets/content.js';
import type { Secret } from '../../cluster/secrets/secret.js';

const elsewhere = '<secret: as it is on the host>';

/** What of a file may not be shown: lines by pattern, whose first group may be, or all of it. */
export type Secrecy = (path: string) => readonly RegExp[] | 'whole';

/** A text whose secret lines are hidden. */
export function redactLines(text: string, secretLines: readonly RegExp[]): string {
  return text
    .split('\n')
    .map((line) => redactLine(line, [], secretLines))
    .join('\n');
}

/**
 * The text that a file has on a host, fit to be shown beside what it will become: the secrets of the new content are
 * replaced by their labels, and whatever stands in their place now is hidden too, even where it was changed by hand.
 * @param secretLines lines that hold a secret whatever the new content says; the first group may be shown
 */
export function redactBefore(before: string, after: Content, secretLines: readonly RegExp[]): string {
  const directives = directivesWithSecrets(after);
  if (directives.includes('')) return before === '' ? '' : `${elsewhere}\n`;
  const labelled = linesWithLabels(after);
  return before
    .split('\n')
    .map((line) => labelled.get(line) ?? redactLine(line, directives, secretLines))
    .map((line) => after.secrets.reduce((text, secret) => text.replaceAll(secret.reveal(), () => secret.label), line))
    .join('\n');
}

/**
 * The new content as it is shown: a secret that takes the place of another one says so.
 * @param before the text that a host has now, whole
 */
export function redactAfter(before: string, after: Content): string {
  if (directivesWithSecrets(after).includes('')) {
    const isKept = before === '' || after.secrets.every((secret) => before.includes(secret.reveal()));
    return isKept ? after.redacted : marked(after.redacted, after.secrets);
  }
  const present = before.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '));
  const revealed = after.reveal().split('\n');
  return after.redacted
    .split('\n')
    .map((line, index) => {
      const directive = directiveOf(line, after.secrets);
      const others = present.filter((text) => directive !== undefined && text.startsWith(`${directive} `));
      if (others.length === 0) return line;
      const isKept = (secret: Secret): boolean =>
        others.some((text) => standsAlike(secret.reveal(), revealed[index] ?? '', text));
      return marked(
        line,
        after.secrets.filter((secret) => !isKept(secret)),
      );
    })
    .join('\n');
}

/** Whether a word stands in both lines, and not as a part of a longer one. */
function standsAlike(word: string, line: string, other: string): boolean {
  const at = line.indexOf(word);
  const [before = ' ', after = ' '] = [line[at - 1], line[at + word.length]];
  return ` ${other} `.includes(before + word + after);
}

function marked(text: string, secrets: readonly Secret[]): string {
  const labels = new Set(secrets.map(({ label }) => label));
  return [...labels].reduce((shown, label) => shown.replaceAll(label, () => `${label} (changed)`), text);
}

/** Lines of the new content that hold secrets, whole, and as they are shown: no secret here spans lines. */
function linesWithLabels(content: Content): ReadonlyMap<string, string> {
  const shown = content.redacted.split('\n');
  const revealed = content.reveal().split('\n');
  return new Map(revealed.map((line, index): [string, string] => [line, shown[index] ?? elsewhere]));
}

function redactLine(line: string, directives: readonly string[], secretLines: readonly RegExp[]): string {
  for (const pattern of secretLines) {
    const shown = pattern.exec(line)?.[1];
    if (shown !== undefined) return shown + elsewhere;
  }
  const text = line.trimStart();
  const directive = directives.find((candidate) => text.startsWith(`${candidate} `));
  return directive === undefined ? line : `${line.slice(0, line.length - text.length)}${directive} ${elsewhere}`;
}

/** The words that stand before a secret on its line: `auth_pass`, `stats auth`; empty where a line begins with one. */
function directivesWithSecrets({ redacted, secrets }: Content): string[] {
  return redacted.split('\n').flatMap((line) => directiveOf(line, secrets) ?? []);
}

function directiveOf(line: string, secrets: readonly Secret[]): string | undefined {
  const at = Math.min(...secrets.map(({ label }) => line.indexOf(label)).filter((index) => index >= 0));
  if (!Number.isFinite(at)) return undefined;
  const before = line.slice(0, at);
  return before.slice(0, Math.max(before.lastIndexOf(' '), 0)).trim();
}
