import { sh } from '../remote/shell.js';
import { type Fact, unreadable } from './fact.js';

/** An interface that systemd-networkd configures, by itself or for netplan. */
export interface ManagedLink {
  readonly interface: string;
  /** The file that it is configured by, such as `/run/systemd/network/10-netplan-eth0.network`. */
  readonly networkFile: string;
  /** What others than us wrote as `KeepConfiguration=`; the last counts. */
  readonly keeps?: string | undefined;
  /** Our own drop-in to that file, where it is there. */
  readonly dropIn?: string | undefined;
}

/** Where our drop-in to a network file is. A drop-in in /etc counts for a file in /run and /usr/lib too (systemd.network(5)). */
export function networkDropIn(networkFile: string): string {
  return `/etc/systemd/network/${networkFile.slice(networkFile.lastIndexOf('/') + 1)}.d/ha-deploy.conf`;
}

/**
 * The links that systemd-networkd manages; none where it does not run, as its state is gone with it. It keeps a file per link,
 * with the file that it configures it by: of 247, 252 and 257, measured.
 */
export const managedLinks: Fact<readonly ManagedLink[]> = {
  id: 'networkd',
  command: sh`grep -sH '^NETWORK_FILE=/' /run/systemd/netif/links/* | while IFS= read -r line; do
  index=$\{line%%:*}
  index=$\{index##*/}
  file=$\{line#*=}
  name=$\{file##*/}
  for device in /sys/class/net/*; do
    read -r found < "$device/ifindex" && [ "$found" = "$index" ] && printf 'link %s %s\\n' "$\{device##*/}" "$file"
  done
  for part in "$file" /usr/lib/systemd/network/"$name".d/*.conf /run/systemd/network/"$name".d/*.conf /etc/systemd/network/"$name".d/*.conf; do
    case $part in
      */ha-deploy.conf) head -c 4096 "$part" 2>/dev/null | sed 's/^/ours /' ;;
      *) sed -n 's/^[[:space:]]*KeepConfiguration[[:space:]]*=[[:space:]]*/keeps /p' "$part" 2>/dev/null ;;
    esac
  done
done`,
  parse: ({ stdout }) => {
    const links: (ManagedLink & { dropIn?: string; keeps?: string })[] = [];
    for (const row of stdout.split('\n').filter(Boolean)) {
      const [, name, networkFile] = /^link ([^\s/]{1,15}) (\/[^\0]+\/[^/\0]+\.network)$/.exec(row) ?? [];
      const link = links.at(-1);
      if (name !== undefined && networkFile !== undefined) links.push({ interface: name, networkFile });
      else if (link !== undefined && row.startsWith('ours ')) link.dropIn = `${link.dropIn ?? ''}${row.slice(5)}\n`;
      else if (link !== undefined && row.startsWith('keeps ')) link.keeps = row.slice('keeps '.length).trim();
      else throw unreadable(`the links of systemd-networkd are not understood: ${JSON.stringify(row)}`);
    }
    return links;
  },
};
