import type { Fact } from '../../facts/fact.js';
import { Shell } from '../../remote/shell.js';

const wellKnown = ['kube-apiserver', 'etcd', 'k3s-server', 'k0s', 'kubelite', 'k8s-dqlite'];

/** Programs of a Kubernetes control plane that run on the host: a fault that cuts its network off is theirs as well. */
export const controlPlane: Fact<readonly string[]> = {
  id: 'control-plane',
  command: Shell.literal('cat /proc/[0-9]*/comm | sort -u'),
  parse: ({ stdout }) => wellKnown.filter((name) => stdout.split('\n').includes(name)),
};
