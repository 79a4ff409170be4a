import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Desk } from '../support/cli.js';
import { makeBare, pairConfig } from '../support/cluster.js';
import type { Ended } from '../support/contract.js';
import { on, type TestLab, testLab } from '../support/lab.js';

const secrets = {
  stats: 'Stats-Zq7x9-word',
  vrrp: 'Vr-Zq7x8',
  sudo: 'Sudo Zq7x7 $(word)',
};

let lab: TestLab;
let desk: Desk;
/** A line in the middle of the private key. */
let keyLine = '';
const everySecret = (): string[] => [...Object.values(secrets), keyLine];

beforeAll(async () => {
  lab = await testLab();
  await Promise.all(lab.pair.map(makeBare));
  desk = await Desk.open(undefined, { STATS_PASSWORD: secrets.stats });
  await desk.put('vrrp-password', `${secrets.vrrp}\n`);
  await desk.put('sudo-password', `${secrets.sudo}\n`);
  const subject = 'req -x509 -newkey rsa:2048 -nodes -subj /CN=e2e -days 2'.split(' ');
  const files = ['-keyout', join(desk.folder, 'key.pem'), '-out', join(desk.folder, 'cert.pem')];
  execFileSync('openssl', [...subject, ...files], { stdio: 'ignore' });
  const [certificate, key] = await Promise.all(
    ['cert.pem', 'key.pem'].map((name) => readFile(join(desk.folder, name), 'utf8')),
  );
  keyLine = key?.split('\n')[5] ?? '';
  await desk.put('haproxy.pem', `${certificate}${key}`);
  // Where the patterns stand on a host nobody looks.
  const patterns = everySecret()
    .map((secret) => `${secret}\n`)
    .join('');
  await Promise.all(
    lab.pair.map(async (host) => {
      await host.pipe(patterns, ['sh', '-c', 'umask 077; mkdir -p /root/e2e; cat >/root/e2e/patterns']);
      await host.pipe(`ops:${secrets.sudo}\n`, ['chpasswd']);
      await on(
        host,
        `cp -p /etc/sudoers.d/ops /root/e2e/ops; echo 'ops ALL=(ALL) ALL' >/etc/sudoers.d/ops
cat >/root/e2e/watch <<'EOF'
while :; do cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -aF -f /root/e2e/patterns >>/root/e2e/seen; echo >>/root/e2e/looks; sleep 0.1; done
EOF
systemd-run --quiet --unit e2e-watch sh /root/e2e/watch`,
      );
    }),
  );
});
afterAll(async () => {
  await Promise.all(
    lab.pair.map(async (host) =>
      on(host, 'systemctl stop e2e-watch; cp -p /root/e2e/ops /etc/sudoers.d/ops; passwd -q -d ops; rm -rf /root/e2e'),
    ),
  );
});

function config(more: object = {}): object {
  const pair = pairConfig(lab);
  return {
    ...pair,
    sudo: { password: { command: 'cat sudo-password' } },
    vrrp: { version: 2, auth: { type: 'PASS', password: { file: './vrrp-password' } } },
    stats: { bind: 'vip', port: 8080, auth: { user: 'admin', password: { env: 'STATS_PASSWORD' } } },
    services: {
      ...pair.services,
      web: { port: 8444, mode: 'http', tls: { certificate: './haproxy.pem' }, servers: [`${lab.third.address}:6443`] },
    },
    ...more,
  };
}

/** The arguments of all processes of this machine, those in the lab's hosts among them. */
function allArguments(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');
}

/** Looks until it is stopped, again and again. */
function watchArguments(): { stop: () => { looks: number; seen: string[] } } {
  let looks = 0;
  const seen: string[] = [];
  const look = (): void => {
    looks++;
    const found = allArguments();
    seen.push(...everySecret().filter((secret) => found.includes(secret)));
  };
  const timer = setInterval(look, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return { looks, seen };
    },
  };
}

test('a whole life of a cluster shows no secret, and keeps each in files of root alone', async () => {
  const said: [command: string, ended: Ended][] = [];
  const run = async (...parameters: readonly string[]): Promise<Ended> => {
    // Stack traces, which --verbose shows, may hold secrets too.
    const ended = await desk.start(...parameters).ended;
    said.push([parameters.join(' '), ended]);
    return ended;
  };
  await desk.write(config());
  const watch = watchArguments();
  for (const command of [
    'validate',
    'render',
    'plan --verbose',
    'plan --json --out plan.json',
    'up --verbose --plan plan.json',
    'status',
    'status --json',
    'verify --verbose',
    'failover --verbose',
    'drill --fault keepalived-stop --yes --report drill.html',
  ]) {
    const ended = await run(...command.split(' '));
    expect(ended.exitCode, `${command}\n${ended.stdout}${ended.stderr}`).toBeOneOf([0, 5]);
  }
  // What is shown of a line that a daemon refuses, and of one that a hand has changed.
  await desk.write(config({ haproxy: { extraGlobal: 'no-such-directive' } }));
  expect((await run('up', '--verbose')).exitCode).toBe(7);
  await desk.write(config({ haproxy: { maxConnections: 1000 } }));
  await on(lab.pair[0], "sed -i 's/auth_pass.*/auth_pass other/' /etc/keepalived/keepalived.conf");
  await run('plan');
  expect((await run('up', '--json')).exitCode).toBe(0);
  // Before the first run no keepalived ran there: it says what would be changed, and that it cannot be done.
  expect((await run('rollback', '--preview', '--to', '0')).exitCode).toBe(7);
  expect((await run('rollback', '--verbose')).exitCode).toBe(0);

  for (const host of lab.pair) {
    const limits = `for pid in $(pidof haproxy keepalived); do grep 'Max core' /proc/$pid/limits; done | sort -u`;
    expect(await on(host, limits)).toMatch(/^Max core file size\s+0\s+0\s+bytes$/);
  }
  const found = await Promise.all(
    lab.pair.map(async (host) =>
      on(
        host,
        `grep -rlaF --exclude-dir=e2e -f /root/e2e/patterns / --exclude-dir=proc --exclude-dir=sys 2>/dev/null | xargs -r stat -c '%a %U %n' | sort`,
      ),
    ),
  );
  for (const line of found.join('\n').split('\n')) {
    expect(line).toMatch(/^6[04]0 (root|haproxy) \/(etc\/(haproxy|keepalived)|var\/lib\/ha-deploy)\//);
  }
  expect((await run('down', '--yes', '--verbose')).exitCode).toBe(0);

  const { looks, seen } = watch.stop();
  expect(seen, 'among the arguments of a process').toEqual([]);
  expect(looks).toBeGreaterThan(10);
  for (const host of lab.pair) {
    expect(await on(host, 'sort -u /root/e2e/seen'), `in a process of ${host.name}`).toBe('');
    expect(Number(await on(host, 'wc -l </root/e2e/looks')), 'somebody has looked').toBeGreaterThan(10);
    expect(await on(host, 'journalctl -q -o cat --no-hostname | grep -aF -f /root/e2e/patterns || :')).toBe('');
  }
  for (const secret of everySecret()) {
    for (const [command, { stdout, stderr }] of said) expect(stdout + stderr, command).not.toContain(secret);
  }
  const own = new Set(['vrrp-password', 'sudo-password', 'key.pem', 'haproxy.pem']);
  for (const name of (await readdir(desk.folder)).filter((file) => !own.has(file))) {
    const text = await readFile(join(desk.folder, name), 'utf8');
    for (const secret of everySecret()) expect(text, name).not.toContain(secret);
  }
});
