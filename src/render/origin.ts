import type { Template } from '../cluster/cluster.js';

/** Lines of the operator's own that go into a file as they are, and the key of the configuration that they stand under. */
export interface OwnLines {
  readonly key: string;
  readonly text: string | undefined;
}

/** Finds the key of the configuration that a line of a rendered file was taken from; under a template of one's own, that. */
export function originOf(
  template: Template | undefined,
  own: readonly OwnLines[],
): (line: string) => string | undefined {
  return (line) => {
    const found = own.find(({ text = '' }) => text.split('\n').some((each) => each.trim() === line));
    return found?.key ?? template?.path;
  };
}
