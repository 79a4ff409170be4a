import { connect, type Socket } from 'node:net';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { LabHost } from '../../docker/host.js';
import type { Desk } from '../support/cli.js';
import { convergedPair, doneOn, holderAmong, pairConfig, roles, servicePort } from '../support/cluster.js';
import { on, type TestLab, testLab } from '../support/lab.js';
import { httpGet } from '../support/traffic.js';

const httpPort = 8080;

let lab: TestLab;
let desk: Desk;
let holder: LabHost;
let backup: LabHost;

/** Beside the service of the pair, HTTP that HAProxy answers itself: every request counts, whatever its servers do. */
function config(more: object = {}) {
  const pair = pairConfig(lab);
  const web = {
    port: httpPort,
    mode: 'http',
    servers: pair.services.api.servers,
    extra: '    http-request return status 200',
  };
  return { ...pair, services: { ...pair.services, web }, ...more };
}

beforeAll(async () => {
  lab = await testLab();
  desk = await convergedPair(lab);
  await desk.write(config());
  expect((await desk.run('up')).result).toMatchObject({ exitCode: 0 });
});

beforeEach(async () => {
  ({ holder, backup } = await roles(lab));
});

interface Load {
  requests: number;
  failed: unknown[];
}

/** Fresh HTTP connections, four at a time, for as long as `during` takes. */
async function underLoad(during: () => Promise<void>): Promise<Load> {
  const load: Load = { requests: 0, failed: [] };
  const state = { going: true };
  const client = async (): Promise<void> => {
    while (state.going) {
      load.requests += 1;
      try {
        expect(await httpGet(lab.vip, httpPort)).toMatch(/^HTTP\/1\.1 200 /);
      } catch (error) {
        load.failed.push(error);
      }
    }
  };
  const clients = Array.from({ length: 4 }, client);
  try {
    await during();
  } finally {
    state.going = false;
    await Promise.all(clients);
  }
  return load;
}

/** A connection that stays open, through which whatever is sent comes back. */
class LongLived {
  cut = false;
  readonly #socket: Socket;

  constructor() {
    this.#socket = connect({ host: lab.vip, port: servicePort });
    this.#socket.on('close', () => {
      this.cut = true;
    });
    this.#socket.on('error', () => undefined);
  }

  async echo(text: string): Promise<string> {
    this.#socket.write(text);
    return await new Promise((resolve, reject) => {
      this.#socket.once('data', (data) => resolve(data.toString()));
      this.#socket.once('close', () => reject(new Error('the connection was cut')));
    });
  }

  end(): void {
    this.#socket.destroy();
  }
}

test('a change that needs a reload fails no request, and cuts no connection', async () => {
  const connections = Array.from({ length: 10 }, () => new LongLived());
  for (const connection of connections) expect(await connection.echo('before')).toBe('before');
  await desk.write(config({ haproxy: { maxConnections: 12_345 } }));
  const load = await underLoad(async () => {
    const run = await desk.run('up');
    expect(run.result).toMatchObject({ exitCode: 0, vips: [{ holders: [holder.name] }] });
    for (const host of lab.pair) expect(doneOn(run, host)).toContain('reload unit:haproxy.service');
  });
  expect(load.failed).toEqual([]);
  expect(load.requests).toBeGreaterThan(100);
  expect(connections.filter(({ cut }) => cut)).toHaveLength(0);
  for (const connection of connections) expect(await connection.echo('after')).toBe('after');
  for (const connection of connections) connection.end();
});

test('a restart on the holder comes after the VIP has moved, and loses no new connection', async () => {
  // It serves on, and cannot be asked any more: only a restart mends that.
  await on(holder, 'rm /run/haproxy/admin.sock');
  const load = await underLoad(async () => {
    const run = await desk.run('up');
    expect(run.result).toMatchObject({ exitCode: 0 });
    expect(doneOn(run, holder)).toEqual(['restart unit:haproxy.service']);
  });
  expect(await holderAmong(lab.pair, lab.vip)).toBe(backup);
  // What was open at the moment of the move ended with it: at most one of each client.
  expect(load.failed.length).toBeLessThanOrEqual(4);
  expect(load.requests).toBeGreaterThan(100);
});
