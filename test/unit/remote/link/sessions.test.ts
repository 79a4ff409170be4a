import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Connection, ExecListener } from '../../../../src/remote/link/connection.js';
import { Sessions } from '../../../../src/remote/link/sessions.js';

/** A connection that takes every command, or none; `lose` ends it. */
function connection(takes: boolean): Connection & { readonly commands: string[]; readonly lose: () => void } {
  const commands: string[] = [];
  let lose = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    lose = resolve;
  });
  return {
    commands,
    lose: () => lose(),
    gone,
    exec({ line }, listener) {
      const input = new PassThrough();
      if (takes) {
        commands.push(line);
        queueMicrotask(() => listener.exited(0));
      } else queueMicrotask(() => listener.refused?.(input));
      return { input, close: () => undefined };
    },
    close: () => undefined,
  };
}

function run(sessions: Sessions, line: string): Promise<unknown> {
  return new Promise((resolve) => {
    const listener: ExecListener = {
      stdout: () => undefined,
      stderr: () => undefined,
      exited: resolve,
      lost: resolve,
    };
    sessions.exec({ line }, listener);
  });
}

test('a command that the first connection does not take goes over a second, and a third where that is lost', async () => {
  const others = [connection(true), connection(true)];
  let opened = 0;
  const sessions = new Sessions(connection(false), async () => {
    const other = others[opened++];
    if (other === undefined) throw new Error('too many connections');
    return await Promise.resolve(other);
  });
  expect([await run(sessions, 'a'), await run(sessions, 'b')]).toEqual([0, 0]);
  others[0]?.lose();
  await others[0]?.gone;
  await new Promise((resolve) => setImmediate(resolve));
  expect(await run(sessions, 'c')).toBe(0);
  expect(others.map(({ commands }) => commands)).toEqual([['a', 'b'], ['c']]);
});

test('one that could not be opened is tried anew for the next command', async () => {
  const other = connection(true);
  let attempts = 0;
  const sessions = new Sessions(connection(false), async () => {
    if (attempts++ === 0) throw new Error('not now');
    return await Promise.resolve(other);
  });
  expect(await run(sessions, 'a')).toMatchObject({ code: 'INTERNAL' });
  expect(await run(sessions, 'b')).toBe(0);
});
