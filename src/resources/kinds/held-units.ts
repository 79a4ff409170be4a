import { heldUnits, hold, holdOf } from '../../facts/host/held-units.js';
import { Shell, sh } from '../../remote/shell.js';
import type { Resource } from '../resource.js';

/**
 * Shell that keeps units from starting until the step ends, however it ends. systemd looks whether the shell that runs the step is
 * still there: by its process number, and by a token in the folder where it is. So neither a number that is used again nor a file
 * that a killed shell leaves holds anything. No policy-rc.d, which would outlive us and keep services of others from starting.
 * @param failed the exit code where that cannot be written
 */
export function holdUnits(units: readonly string[], failed: number): Shell {
  const held = units.map((unit) => sh`hold_unit ${unit} ${holdOf(unit)}\n`);
  return sh`
release_units() {
cd /
${removal(units)}
}
hold_unit() {
  systemctl is-active --quiet "$1" && return
  mkdir -p "$(dirname "$2")" && printf '[Unit]\nConditionPathExists=!/proc/%s/cwd/%s\n' "$self" "$token" > "$2" || exit ${failed}
}
read -r self _ < /proc/self/stat
trap release_units EXIT
mkdir -p ${hold.folder} && cd ${hold.folder} && token=$(mktemp XXXXXXXXXXXX) || exit ${failed}
${Shell.join(held)}systemctl daemon-reload
`;
}

function removal(units: readonly string[]): Shell {
  const places = units.map((unit) => sh`rm -f ${holdOf(unit)}\nrmdir "$(dirname ${holdOf(unit)})" 2>/dev/null || :\n`);
  return sh`${Shell.join(places)}rm -rf ${hold.folder}
systemctl daemon-reload`;
}

/** What a shell that was killed while it installed packages has left; it holds nothing any more. */
export function noHeldUnits(units: readonly string[]): Resource {
  const fact = heldUnits(units);
  const id = `directory:${hold.folder}`;
  return {
    id,
    facts: [fact],
    plan: (host) =>
      host.get(fact) === 'left'
        ? [
            {
              resource: id,
              action: 'remove',
              summary: 'a run was lost while it installed packages',
              interrupts: false,
              step: { script: removal(units), failures: {} },
            },
          ]
        : [],
  };
}
