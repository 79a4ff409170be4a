import { type DaemonFile, type Directive, daemonFileUnreadable, linesOf } from './source.js';

/** `frontend web`, and what stands below it. */
export interface Section {
  readonly keyword: string;
  readonly name: string;
  /** The named `defaults` that it builds on. */
  readonly from?: string | undefined;
  readonly line: number;
  readonly directives: readonly Directive[];
}

/** More than that, and comparing them takes minutes. */
const most = 5000;

const keywords = new Set(
  'backend cache crt-store defaults fcgi-app frontend global http-errors listen log-forward log-profile mailers peers program resolvers ring traces userlist'.split(
    ' ',
  ),
);

/**
 * haproxy.cfg as sections and directives (configuration manual, 2.1 to 2.3): `#` begins a comment, quotes and backslashes keep
 * blanks in a word. What is not known is kept as it is; lines before the first section are left out.
 * @throws DeployError DAEMON_CONFIG_UNREADABLE with file and line
 */
export function parseHaproxy(source: DaemonFile): readonly Section[] {
  const sections: (Section & { readonly directives: Directive[] })[] = [];
  for (const [index, text] of linesOf(source).entries()) {
    const words = wordsOf(text);
    const [keyword = '', name = ''] = words;
    const line = index + 1;
    if (keywords.has(keyword)) {
      const [, bare, base] = /^\s*\w+\s+(?:(from)|\S+\s+from)\s+(\S+)/.exec(text) ?? [];
      if (sections.length === most) throw daemonFileUnreadable(source.file, line, `more than ${most} sections`);
      sections.push({ keyword, name: bare === undefined ? name : '', from: base, line, directives: [] });
    } else if (words.length > 0) sections.at(-1)?.directives.push({ line, words });
  }
  return sections;
}

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [match, comment] of text.matchAll(/(#.*)|(?:\\.?|"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s\\"'#])+/g)) {
    if (comment !== undefined) break;
    words.push(match.replaceAll(/\\(.?)|["']/g, (_, escaped: string | undefined) => escaped ?? ''));
  }
  return words;
}
