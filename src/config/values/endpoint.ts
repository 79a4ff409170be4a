import { canonicalAddress } from '../../cluster/values/address.js';
import { isHostAddress, isHostName } from './address.js';

export interface ParsedEndpoint {
  /** An address in its canonical spelling, or a host name. */
  readonly host: string;
  readonly port: number;
}

/** Reads `192.0.2.1:80`, `[2001:db8::1]:80` or `web.example.com:80`; nothing for any other text. */
export function parseEndpoint(text: string): ParsedEndpoint | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed === undefined ? plainHost(plain) : canonicalIPv6(bracketed);
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

function plainHost(text = ''): string | undefined {
  return isHostAddress(text) || isHostName(text) ? text : undefined;
}

function canonicalIPv6(text: string): string | undefined {
  return text.includes(':') && isHostAddress(text) ? canonicalAddress(text) : undefined;
}
