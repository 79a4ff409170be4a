import { appendFileSync } from 'node:fs';
import type { SshSettings } from '../../../src/cluster/cluster.js';
import { type SshConnectorOptions, sshConnector } from '../../../src/remote/connect/connector.js';
import type { Runner } from '../../../src/remote/runner.js';
import { KeyFolder, type KeyPair } from './keys.js';
import { TestServer, type TestServerOptions } from './server.js';
import { hereAt, nodeAt } from './target.js';

const never = new AbortController().signal;

/** Servers whose keys are known, and what it takes to connect to them. */
export class SshBench {
  readonly folder = new KeyFolder();
  readonly hostKey: KeyPair = this.folder.key('host');
  readonly identity: KeyPair = this.folder.key('identity');
  readonly knownHosts = this.folder.file('known_hosts');
  readonly #servers: TestServer[] = [];
  readonly #runners: Runner[] = [];

  async start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
    const { hostKey, identity } = this;
    const server = await TestServer.start({
      hostKeys: [hostKey.privateKey],
      authorized: [identity.publicKey],
      ...options,
    });
    this.#servers.push(server);
    this.know('127.0.0.1', server.port);
    return server;
  }

  know(host: string, port: number): void {
    appendFileSync(this.knownHosts, `[${host}]:${port} ${this.hostKey.publicKey}\n`);
  }

  async connect(
    { port }: { readonly port: number },
    target: Partial<SshSettings> = {},
    { signal = never, ...options }: Partial<SshConnectorOptions> & { readonly signal?: AbortSignal } = {},
  ): Promise<Runner> {
    const { folder, knownHosts, identity } = this;
    const connector = sshConnector({ here: hereAt(folder.path), connectTimeoutMs: 5_000, backOffMs: [], ...options });
    const node = nodeAt({ port, knownHosts, identityFile: identity.path, ...target });
    const runner = await connector.connect(node, signal);
    this.#runners.push(runner);
    return runner;
  }

  /** Ends what was started, for the next test. */
  async clear(): Promise<void> {
    for (const runner of this.#runners.splice(0)) runner.close();
    await Promise.all(this.#servers.splice(0).map(async (server) => server.stop()));
  }
}
