import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, test } from 'vitest';
import { probeFromHere, probeFromNode, type SentProbe } from '../../../../src/drill/probe/prober.js';
import type { Clock } from '../../../../src/engine/run/run.js';
import type { KnockAnswer, Runner } from '../../../../src/remote/runner.js';
import { fakeClock } from '../../engine/model/cluster.js';

const knocking = { address: '127.0.0.1', port: 1, greeting: Buffer.from('hello'), patienceMs: 200 };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('probes from here', () => {
  test('are sent one after the other, and each is told with its answer', async () => {
    const stop = new AbortController();
    const answers: KnockAnswer[] = ['answered', 'refused', 'silent'];
    const told: SentProbe[] = [];
    const prober = probeFromHere(() => Promise.resolve(answers.shift() ?? 'answered'), knocking, fakeClock());
    await prober(
      5,
      (probe) => {
        told.push(probe);
        if (told.length === 4) stop.abort();
      },
      stop.signal,
    );
    expect(told.map(({ answer }) => answer)).toEqual(['answered', 'refused', 'silent', 'answered']);
    expect(told.map(({ at }) => at)).toEqual([0, 5, 10, 15]);
  });

  test('that were due while this machine was busy are left out', async () => {
    const stop = new AbortController();
    const times: number[] = [];
    let time = 0;
    const clock: Clock = {
      now: () => time,
      sleep: async (ms) => {
        time += times.length === 2 ? 1000 : ms;
        await Promise.resolve();
      },
    };
    const prober = probeFromHere(() => Promise.resolve('answered'), knocking, clock);
    await prober(
      5,
      ({ at }) => {
        times.push(at);
        if (times.length === 5) stop.abort();
      },
      stop.signal,
    );
    expect(times.filter((at) => at > 100 && at < 1000)).toEqual([]);
    expect(times).toHaveLength(5);
  });

  test('that hang are waited for, and there are never too many of them', async () => {
    const stop = new AbortController();
    const hanging: ((answer: KnockAnswer) => void)[] = [];
    const told: SentProbe[] = [];
    let sleeps = 0;
    const clock: Clock = {
      now: () => sleeps,
      sleep: async () => {
        sleeps += 1;
        if (sleeps === 1000) stop.abort();
        await Promise.resolve();
      },
    };
    const prober = probeFromHere(() => new Promise((resolve) => hanging.push(resolve)), knocking, clock);
    const probing = prober(5, (probe) => told.push(probe), stop.signal);
    await once(stop.signal, 'abort');
    expect(hanging).toHaveLength(400);
    for (const answer of hanging) answer('silent');
    await probing;
    expect(told).toHaveLength(400);
  });
});

/** A runner that runs what is watched on this machine. */
function here(): Runner {
  const none = (): never => expect.unreachable();
  return {
    node: 'node-101',
    observe: none,
    perform: none,
    close: none,
    watch: async (command, line, signal) => {
      const child = spawn('sh', ['-c', command.reveal()]);
      createInterface({ input: child.stdout }).on('line', line);
      // As on a host: it dies when nobody reads any more.
      signal.addEventListener('abort', () => child.stdout.destroy());
      child.stderr.resume();
      await once(child, 'close');
    },
  };
}

async function serving(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The answers of the first probes that a node sends; a busy machine must not make an answer late. */
async function fromNode(port: number, patienceMs = 30_000, count = 3): Promise<readonly KnockAnswer[]> {
  const stop = new AbortController();
  const told: SentProbe[] = [];
  const clock: Clock = { now: () => performance.now(), sleep: () => expect.unreachable() };
  await probeFromNode(here(), { ...knocking, port, patienceMs }, clock)(
    5,
    (probe) => {
      told.push(probe);
      if (told.length === count) stop.abort();
    },
    stop.signal,
  );
  expect(told.every(({ at, tookMs }) => at > 0 && tookMs >= 0)).toBe(true);
  return told.slice(0, count).map(({ answer }) => answer);
}

describe('probes from a node', () => {
  test('are answered by data', async () => {
    const port = await serving((socket) => socket.once('data', (data) => socket.write(data)));
    expect(await fromNode(port)).toEqual(['answered', 'answered', 'answered']);
  });

  test('are closed in good order', async () => {
    const port = await serving((socket) => socket.once('data', () => socket.end()));
    expect(await fromNode(port)).toEqual(['closed', 'closed', 'closed']);
  });

  test('are reset', async () => {
    const port = await serving((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await fromNode(port)).toEqual(['reset', 'reset', 'reset']);
  });

  test('are refused', async () => {
    const port = await serving(() => undefined);
    servers[0]?.close();
    expect(await fromNode(port)).toEqual(['refused', 'refused', 'refused']);
  });

  test('are silent where a server is frozen', async () => {
    const port = await serving((socket) => socket.pause());
    expect(await fromNode(port, 200)).toEqual(['silent', 'silent', 'silent']);
  });
});
