/** A word of HAProxy's configuration that cannot be anything but a word: no white space, quotes, `#` or backslash. */
const word = String.raw`[A-Za-z0-9_.:-]{1,64}`;
const expression = String.raw`[A-Za-z0-9_.:,()-]{1,200}`;

/** HAProxy's algorithms with their arguments (configuration.txt 2.0 to 3.0, "balance"). */
const anyMode = [
  'roundrobin',
  'static-rr',
  'leastconn',
  'first',
  'source',
  'random',
  String.raw`random\([1-9]\d{0,2}\)`,
];
const tcpOnly = ['rdp-cookie', String.raw`rdp-cookie\(${word}\)`];
const hash = [`hash ${expression}`];
const httpOnly = [
  String.raw`uri( whole| path-only| len \d{1,5}| depth \d{1,5})*`,
  String.raw`url_param ${word}( check_post( \d{1,9})?)?`,
  String.raw`hdr\(${word}\)( use_domain_only)?`,
];

const known = pattern([...anyMode, ...tcpOnly, ...hash, ...httpOnly]);
const needsHttp = pattern(httpOnly);

/** The algorithms by name, for messages. */
export const balanceAlgorithms = [
  'roundrobin',
  'leastconn',
  'static-rr',
  'first',
  'source',
  'random',
  'uri',
  'url_param <name>',
  'hdr(<name>)',
  'rdp-cookie',
  'hash <expression>',
];

export function isBalance(text: string): boolean {
  return known.test(text);
}

/** Whether the algorithm looks at the request, which only `mode: http` reads. */
export function balanceNeedsHttp(text: string): boolean {
  return needsHttp.test(text);
}

function pattern(alternatives: readonly string[]): RegExp {
  return new RegExp(`^(?:${alternatives.join('|')})$`);
}
