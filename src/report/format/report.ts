import type { Event } from '../../engine/run/events.js';

/** Somebody who tells the operator, or a script, what happens. */
export interface Report {
  /** Hears every event of the run, in order; never throws. */
  on(event: Event): void;
  /** Takes what is drawn out of the way, for a question in the terminal, until what it resolves to is called. */
  aside(): Promise<() => void>;
  /** Ends the drawing, and returns when everything is written. */
  close(): Promise<void>;
}

export interface ReportOptions {
  /** `terminal` needs a terminal of known width; without one it becomes `plain`. */
  readonly format: 'terminal' | 'plain' | 'json';
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Already decided from the terminal, NO_COLOR, FORCE_COLOR and --no-color. */
  readonly color: boolean;
  /** The cluster's name, or the file's while the name is not known. */
  readonly cluster: string;
  readonly runId: string;
  readonly now: () => Date;
  readonly verbose: boolean;
  /** The configuration file as it would be typed, where it is not the usual one. */
  readonly config?: string | undefined;
}

/** The report for this format; loads nothing that only the others need. */
export async function openReport(options: ReportOptions): Promise<Report> {
  switch (options.format) {
    case 'json':
      return (await import('./json-report.js')).jsonReport(options);
    case 'plain':
      return (await import('./plain-report.js')).plainReport(options);
    case 'terminal':
      return hasWidth(options.stdout)
        ? (await import('./terminal-report.js')).terminalReport(options)
        : (await import('./plain-report.js')).plainReport(options);
  }
}

/** A pseudo-terminal of CI often says 0 columns: nothing can be drawn where nobody knows where lines end. */
function hasWidth({ columns }: { readonly columns?: number }): boolean {
  return columns !== undefined && columns >= 30;
}
