import picocolors from 'picocolors';

type Colors = ReturnType<typeof picocolors.createColors>;

/** How text is to look; whether in colour was decided by whoever opened the report. */
export interface Style {
  readonly colors: Colors;
  /** Where sentences are broken; Infinity where nothing is known of who reads. */
  readonly columns: number;
  /** Everything that was printed by a failed command, and the error's code. */
  readonly verbose: boolean;
  /** The configuration file as it would be typed, where it is not the usual one. */
  readonly config: string | undefined;
}

interface StyleOptions {
  readonly color: boolean;
  readonly columns?: number;
  readonly verbose?: boolean;
  readonly config?: string | undefined;
}

/** A style with or without colours, whatever the environment says. */
export function styleOf({ color, columns = Infinity, verbose = false, config }: StyleOptions): Style {
  return { colors: picocolors.createColors(color), columns, verbose, config };
}
