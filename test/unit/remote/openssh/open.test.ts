import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Secret } from '../../../../src/cluster/secrets/secret.js';
import { eventually } from '../../../support/eventually.js';
import { SshBench } from '../../../support/ssh/bench.js';
import { portOf } from '../../../support/ssh/server.js';

const bench = new SshBench();
const silent = createServer();
beforeAll(async () => {
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterEach(() => bench.clear());
afterAll(() => {
  silent.close();
  bench.folder.remove();
});

describe('a way on which nothing is said', () => {
  const ask = (): Promise<Secret> => Promise.reject(new Error('nobody is asked'));

  /** A program that holds its connection whatever becomes of its own input and output. */
  const holding = (): string =>
    `${process.execPath} -e "process.on('SIGHUP',()=>0);require('net').connect(${portOf(silent)},'127.0.0.1').resume()"`;

  it.each([
    ['a host', () => `Host far\n ProxyJump guest@127.0.0.1:${portOf(silent)}\n`],
    ['a command', () => `Host far\n ProxyCommand ${holding()}\n`],
    ['a command of a host', () => `Host far\n ProxyJump near\nHost near\n ProxyCommand ${holding()}\n`],
  ])('through %s, is left when it is not wanted any more', async (_what, config) => {
    const configFile = bench.folder.file('config');
    writeFileSync(configFile, config());
    const taken = once(silent, 'connection') as Promise<[Socket]>;
    const stop = new AbortController();
    const connecting = bench.connect(
      { port: 22 },
      { configFile, host: 'far', transport: 'openssh' },
      { ask, signal: stop.signal },
    );
    const ended = connecting.catch((error: unknown) => error);
    const [socket] = await taken;
    const closed = new Promise((resolve) => socket.resume().on('error', resolve).on('close', resolve));
    stop.abort();
    expect(await ended).toMatchObject({ code: 'INTERRUPTED' });
    await closed;
  });

  it('keeps nothing of ours open, whoever holds the other end', async () => {
    const configFile = bench.folder.file('config');
    const told = bench.folder.file('pid');
    writeFileSync(
      configFile,
      `ProxyCommand setsid sh -c 'echo $$ >${told}.new; mv ${told}.new ${told}; exec sleep 1000'\n`,
    );
    const pipes = (): number => process.getActiveResourcesInfo().filter((name) => name === 'PipeWrap').length;
    const before = pipes();
    const stop = new AbortController();
    const connecting = bench.connect({ port: 22 }, { configFile, transport: 'openssh' }, { ask, signal: stop.signal });
    const ended = connecting.catch((error: unknown) => error);
    const pid = await eventually('it holds them', () => readFileSync(told, 'utf8'));
    stop.abort();
    expect(await ended).toMatchObject({ code: 'INTERRUPTED' });
    process.kill(Number(pid));
    expect(pipes()).toBeLessThanOrEqual(before);
  });
});
