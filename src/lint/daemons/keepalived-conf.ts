import { type DaemonFile, type Directive, daemonFileUnreadable, linesOf } from './source.js';

/** keepalived itself has no block deeper than four. */
const deepest = 20;

/**
 * keepalived.conf as directives and blocks (keepalived.conf(5)): `!` and `#` begin a comment anywhere outside quotes, and a
 * line that begins with `@name` or `@^name` is for that node, or for the others. What is not known is kept as it is.
 * @throws DeployError DAEMON_CONFIG_UNREADABLE with file and line
 */
export function parseKeepalived(source: DaemonFile, node: string): readonly Directive[] {
  const blocks = new Blocks(source.file);
  for (const [index, text] of linesOf(source).entries()) {
    const own = forNode(text, node);
    if (own !== undefined) blocks.read(own, index + 1);
  }
  return blocks.end();
}

/** The line without its condition; nothing where it is for other nodes. */
function forNode(text: string, node: string): string | undefined {
  const [, not, id, rest = ''] = /^\s*@(\^?)(\S+)(\s.*)?$/.exec(text) ?? [];
  if (id === undefined) return text;
  return (id === node) === (not === '') ? rest : undefined;
}

class Blocks {
  readonly #file: string;
  readonly #top: Directive[] = [];
  /** The blocks that are open, the innermost last. */
  readonly #open: { readonly line: number; readonly inside: Directive[] }[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  read(text: string, line: number): void {
    let words: string[] = [];
    for (const token of tokensOf(text)) {
      if (token.isWord) words.push(token.text);
      else {
        if (token.text === '{') this.#begin(words, line);
        else this.#finish(words, line);
        words = [];
      }
    }
    this.#add(words, line);
  }

  end(): readonly Directive[] {
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) throw daemonFileUnreadable(this.#file, unclosed.line, 'a block that no } ends');
    return this.#top;
  }

  #begin(words: readonly string[], line: number): void {
    if (this.#open.length === deepest)
      throw daemonFileUnreadable(this.#file, line, `more than ${deepest} blocks in each other`);
    const target = this.#inside();
    // The brace may stand on a line of its own.
    const title = words.length === 0 ? target.pop() : { line, words };
    if (title === undefined || 'block' in title)
      throw daemonFileUnreadable(this.#file, line, 'a { that begins no block');
    const inside: Directive[] = [];
    target.push({ ...title, block: inside });
    this.#open.push({ line: title.line, inside });
  }

  #finish(words: readonly string[], line: number): void {
    this.#add(words, line);
    if (this.#open.pop() === undefined) throw daemonFileUnreadable(this.#file, line, 'a } that ends no block');
  }

  #add(words: readonly string[], line: number): void {
    if (words.length > 0) this.#inside().push({ line, words });
  }

  #inside(): Directive[] {
    return this.#open.at(-1)?.inside ?? this.#top;
  }
}

interface Token {
  readonly text: string;
  readonly isWord: boolean;
}

/** Words and braces up to a comment; a quote that nothing closes reaches to the end of the line. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [match, quoted, single, plain] of text.matchAll(/"([^"]*)"?|'([^']*)'?|[!#].*|[{}]|([^\s"'!#{}]+)/g)) {
    if (match.startsWith('!') || match.startsWith('#')) break;
    const word = quoted ?? single ?? plain;
    tokens.push({ text: word ?? match, isWord: word !== undefined });
  }
  return tokens;
}
