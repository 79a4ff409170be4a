import type { Observation } from '../src/facts/observation.js';

/** Rendering takes time where a secret enters the identity, and several resources ask for the same. */
export function oncePerHost<T extends object>(derive: (host: Observation) => T): (host: Observation) => T {
  const known = new WeakMap<Observation, T>();
  return (host) => {
    const value = known.get(host) ?? derive(host);
    known.set(host, value);
    return value;
  };
}
