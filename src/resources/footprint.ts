/** Everything on a host that a piece of its desired state may touch: what has to be put back to undo it. */
export interface Footprint {
  /** Files, with the unit that reads each when it starts or is reloaded. */
  readonly paths?: readonly { readonly path: string; readonly reader?: string }[];
  readonly units?: readonly string[];
  readonly sysctls?: readonly string[];
  readonly packages?: readonly string[];
}

/** One for all of them; a file that several name is named once, with the reader that one of them gives. */
export function joined(footprints: readonly Footprint[]): Required<Footprint> {
  const readers = new Map<string, string | undefined>();
  for (const { path, reader } of footprints.flatMap(({ paths = [] }) => paths))
    readers.set(path, reader ?? readers.get(path));
  return {
    paths: [...readers].map(([path, reader]) => (reader === undefined ? { path } : { path, reader })),
    units: [...new Set(footprints.flatMap(({ units = [] }) => units))],
    sysctls: [...new Set(footprints.flatMap(({ sysctls = [] }) => sysctls))],
    packages: [...new Set(footprints.flatMap(({ packages = [] }) => packages))],
  };
}
