import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Content } from '../../../../src/cluster/secrets/content.js';
import { units } from '../../../../src/facts/host/units.js';
import { Shell } from '../../../../src/remote/shell.js';
import { managedFile } from '../../../../src/resources/kinds/managed-file.js';
import { type Currency, systemdService } from '../../../../src/resources/kinds/systemd-service.js';
import type { Change } from '../../../../src/resources/resource.js';
import { captured, hostWith, printed } from '../../facts/support.js';
import { goldenStep, onlyChange, runStep, said, scratch, shells } from '../support.js';

const unit = 'haproxy.service';

interface State {
  readonly load?: string;
  readonly active?: string;
  readonly enablement?: string;
  readonly needsDaemonReload?: 'yes' | 'no';
}

/** When the service last started or was reloaded. */
const readAt = 1_795_371_112;
const readAtText = 'Sun 2026-11-22 18:11:52 UTC';

const config = managedFile({
  path: '/etc/haproxy/haproxy.cfg',
  content: Content.of('global\n'),
  mode: '0640',
  owner: 'root:haproxy',
});

/** The file as it was when the service read it. */
const read = `81a0 640 root:haproxy ${readAt}\nglobal\n`;

function host(
  { load = 'loaded', active = 'active', enablement = 'enabled', needsDaemonReload = 'no' }: State = {},
  file = read,
  fraction = '',
) {
  const block = `Id=${unit}\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${enablement}\nNeedDaemonReload=${needsDaemonReload}\nStateChangeTimestamp=${readAtText.replace(' UTC', `${fraction} UTC`)}\n`;
  return hostWith({ units: block, clock: `${readAt + 60}\n`, [`file:${config.path}`]: file });
}

function service(currency: Currency = 'current', settled = 'true') {
  return systemdService({
    unit,
    among: [unit],
    reads: [config],
    facts: [],
    currency: () => currency,
    settled: () => Shell.literal(settled),
    noise: 'only looking',
  });
}

const reload: Currency = { action: 'reload', why: 'it runs another configuration' };
const restart: Currency = { action: 'restart', why: 'it does not answer' };

describe('a service', () => {
  test('that is enabled, active and current needs nothing', () => {
    expect(service().plan(host())).toEqual([]);
    expect(service().facts.map(({ id }) => id)).toEqual([units([unit]).id, 'clock', `file:${config.path}`]);
  });

  test.each<[string, State, Currency, readonly string[]]>([
    ['is disabled', { enablement: 'disabled' }, 'current', ['enable: start at boot']],
    ['is stopped', { active: 'inactive' }, 'current', ['start: it was inactive']],
    ['has failed', { active: 'failed' }, 'current', ['start: it had failed']],
    ['is being restarted by systemd', { active: 'activating' }, 'current', ['start: it was activating']],
    [
      'is masked and stopped',
      { load: 'masked', enablement: 'masked', active: 'inactive' },
      'current',
      ['enable: unmask', 'enable: start at boot', 'start: it was inactive'],
    ],
    [
      'is masked until the next boot, and runs',
      { load: 'masked', enablement: 'masked-runtime' },
      'current',
      ['enable: unmask', 'enable: start at boot'],
    ],
    [
      'has a changed unit file',
      { needsDaemonReload: 'yes' },
      'current',
      ['update: systemd has yet to read its changed unit files'],
    ],
    ['runs another configuration', {}, reload, ['reload: it runs another configuration']],
    ['does not answer', {}, restart, ['restart: it does not answer (interrupts)']],
    [
      'is not installed yet',
      { load: 'not-found', active: 'inactive', enablement: '' },
      'current',
      ['enable: start at boot', 'start: it was inactive'],
    ],
    // Whether it is current is asked only of one that runs.
    ['is stopped, and was outdated', { active: 'inactive' }, reload, ['start: it was inactive']],
    [
      'is wrong in every way',
      { load: 'masked', enablement: 'masked', active: 'failed', needsDaemonReload: 'yes' },
      restart,
      ['enable: unmask', 'enable: start at boot', 'start: it had failed'],
    ],
  ])('that %s needs exactly that', (_, state, currency, expected) => {
    const changes = said(service(currency).plan(host(state)));
    expect(changes.map((change) => change.replace(` unit:${unit}`, ''))).toEqual(expected);
  });

  test.each([
    ['was touched since it was read', read.replace(`${readAt}`, `${readAt + 1}`), 'was touched since'],
    ['is about to be put right', read.replace('640', '644'), 'another'],
    ['is not there', '', 'another'],
  ])('whose file %s is reloaded, whatever it says of itself', (_, file, why) => {
    expect(said(service().plan(host({}, file)))).toEqual([expect.stringMatching(`^reload unit:${unit}: .*${why}`)]);
    expect(said(service('current').plan(host({ active: 'inactive' }, file)))).toHaveLength(1);
    expect(said(service(restart).plan(host({}, file)))).toEqual([
      `restart unit:${unit}: it does not answer (interrupts)`,
    ]);
  });

  test.each([
    ['later in the second of the reading', '.500001000', '.500000', true],
    ['earlier in it', '.499999999', '.500000', false],
    ['in it, by a host that tells whole seconds of files', '', '.500000', false],
    ['in it, by a host that tells whole seconds of services', '.900000000', '', false],
  ])('whose file was touched %s', (_, touched, changed, isReloaded) => {
    const file = read.replace(`${readAt}`, `${readAt}${touched}`);
    expect(service().plan(host({}, file, changed))).toHaveLength(isReloaded ? 1 : 0);
    const later = read.replace(`${readAt}`, `${readAt + 1}${touched}`);
    expect(service().plan(host({}, later, changed))).toHaveLength(1);
    // The second of the host's own clock is not over yet.
    const now = read.replace(`${readAt}`, `${readAt + 60}${touched}`);
    expect(service().plan(host({}, now, changed))).toHaveLength(1);
  });

  test('whose file is from the future is left alone: no reload would be late enough', () => {
    const future = read.replace(`${readAt}`, `${readAt + 3600}`);
    expect(service().plan(host({}, future))).toEqual([]);
  });

  test('that is reloading serves on: it is not started', () => {
    expect(service().plan(host({ active: 'reloading' }))).toEqual([]);
  });

  test('of which systemd knows nothing is enabled and started', () => {
    expect(said(service().plan(hostWith({ units: printed('') })))).toHaveLength(2);
  });

  test.each(['units/bookworm-running', 'units/bullseye-masked', 'units/trixie-killed'])(
    'of a real host: %s',
    (name) => {
      const both = systemdService({
        unit,
        among: [unit, 'keepalived.service'],
        reads: [],
        facts: [],
        currency: () => 'current',
        settled: () => Shell.literal('true'),
      });
      const changes = said(both.plan(hostWith({ units: captured(name) })));
      expect(changes).toEqual(name === 'units/trixie-killed' ? [`start unit:${unit}: it was activating`] : []);
    },
  );
});

/** Programs that write down how they are called, and fail where `failing` matches the call. */
function programs(log: string, failing = '') {
  const systemctl = `echo "systemctl $*" >> ${log}\ncase "$*" in ${failing === '' ? "''" : failing}) exit 5 ;; esac`;
  return {
    systemctl,
    journalctl: 'echo "only looking at things"; echo "[ALERT] cannot bind"; echo "systemctl $*" >/dev/null',
  };
}

async function enact(change: Change, shell: string, failing?: string) {
  const log = join(scratch(), 'log');
  const end = await runStep(change, shell, programs(log, failing));
  return { ...end, calls: readFileSync(log, 'utf8').trimEnd().split('\n') };
}

describe.each(shells)('the steps, by %s', (shell) => {
  const start = (settled?: string) => onlyChange(service('current', settled), host({ active: 'failed' }));

  test.each([
    ['starts', '"is-active "*', 'restart'],
    ['reloads, where systemd has started it since,', '', 'reload'],
  ])('start: forgets the failure, %s and waits until it does its work', async (_, failing, verb) => {
    expect(await enact(start('echo settled'), shell, failing)).toEqual({
      exitCode: 0,
      output: 'settled\n',
      calls: [`systemctl reset-failed ${unit}`, `systemctl is-active --quiet ${unit}`, `systemctl ${verb} ${unit}`],
    });
  });

  test('start: shows the log, without our own noise, where it does not start', async () => {
    const change = start();
    const { exitCode, output } = await enact(change, shell, '"is-active "* | "restart "*');
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: '[ALERT] cannot bind\n' });
  });

  test('start: says so where it starts and does not do its work', async () => {
    const change = start('echo "no answer"; exit 1');
    const { exitCode, output } = await enact(change, shell);
    expect(output).toBe('no answer\n[ALERT] cannot bind\n');
    expect(change.step.failures[exitCode ?? -1]).toMatchObject({
      code: 'STEP_FAILED',
      message: `${unit} does not do its work with the new configuration`,
    });
  });

  test.each([
    [reload, `systemctl reload ${unit}`],
    [restart, `systemctl restart ${unit}`],
  ])('%o: acts, and waits', async (currency, call) => {
    const change = onlyChange(service(currency, 'echo settled'), host());
    expect(await enact(change, shell)).toEqual({ exitCode: 0, output: 'settled\n', calls: [call] });
  });

  test('a reload that fails shows the log, and waits for nothing', async () => {
    const change = onlyChange(service(reload, 'echo settled'), host());
    const { exitCode, output } = await enact(change, shell, '"reload "*');
    expect({ exitCode, output }).toEqual({ exitCode: 1, output: '[ALERT] cannot bind\n' });
  });

  test('enable and unmask, for this boot and the next', async () => {
    const [unmask, enable] = service().plan(host({ load: 'masked', enablement: 'masked' }));
    if (unmask === undefined || enable === undefined) throw new Error('two changes');
    expect((await enact(unmask, shell)).calls).toEqual([
      `systemctl unmask --quiet ${unit}`,
      `systemctl unmask --quiet --runtime ${unit}`,
    ]);
    expect((await enact(enable, shell)).calls).toEqual([`systemctl is-enabled --quiet ${unit}`]);
    expect((await enact(enable, shell, '"is-enabled "*')).calls).toEqual([
      `systemctl is-enabled --quiet ${unit}`,
      `systemctl enable --quiet ${unit}`,
    ]);
  });
});

test('the step that reloads is this', async () => {
  const change = onlyChange(service(reload, 'wait-for-it'), host());
  await expect(change.step.script.redacted).toMatchFileSnapshot(goldenStep('reload-service'));
});
