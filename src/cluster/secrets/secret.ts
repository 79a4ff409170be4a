import { inspect } from 'node:util';

/**
 * A value that must not be seen: it prints, serialises and inspects as its label, such as `<secret: env VRRP_PASSWORD>`.
 * Only {@link reveal} gives the value: to what is sent to a host, to comparisons with what a host has, and to hashes.
 */
export class Secret {
  /** Where it comes from, in words that are safe to show: `env VRRP_PASSWORD`. */
  readonly origin: string;
  readonly #read: () => string;
  #value: string | undefined;

  /** @param read gives the value; called at most once, and only when it is needed. It may throw a DeployError. */
  constructor(origin: string, read: () => string) {
    this.origin = origin;
    this.#read = read;
  }

  get label(): string {
    return `<secret: ${this.origin}>`;
  }

  /** @throws DeployError SECRET_UNAVAILABLE when the reference leads nowhere. */
  reveal(): string {
    this.#value ??= this.#read();
    return this.#value;
  }

  toString(): string {
    return this.label;
  }

  toJSON(): string {
    return this.label;
  }

  [inspect.custom](): string {
    return this.label;
  }
}
