import type { Content } from '../cluster/content.js';

const elsewhere = '<secret: as it is on the host>';

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
function directivesWithSecrets(content: Content): string[] {
  const labels = content.secrets.map((secret) => secret.label);
  return content.redacted.split('\n').flatMap((line) => {
    const at = Math.min(...labels.map((label) => line.indexOf(label)).filter((index) => index >= 0));
    if (!Number.isFinite(at)) return [];
    const before = line.slice(0, at);
    return [before.slice(0, Math.max(before.lastIndexOf(' '), 0)).trim()];
  });
}
