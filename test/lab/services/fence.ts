import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closeFilter, isFiltered, REPORT, reportOf } from '../fence.ts';
import { NODES, paths, peer, PORT, VIP, ADDRESS, type Node } from '../plan.ts';
import { writeDaemon } from '../processes.ts';
import type { LabService } from '../services.ts';

/*
 * The packet filter that keeps the application of the passive node from PostgreSQL, on both nodes alike, and
 * what each node says of it: a stand-in for the cron line that runs `maasha check fencing --emit`, in the same
 * form, written to a file.
 */

const EVERY = 5;

/** The first bytes of a log-in as MAAS, in the notation of printf: version 3.0, and no password ever follows. */
const LOGIN = String.raw`\0\0\0\043\0\03\0\0user\0maas\0database\0maasdb\0\0`;

const report = (node: Node): string => `
# An application without an answer must not stop this.
reaches() { # HOST PORT: whether something there begins to ask for a password
  timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2 && printf '${LOGIN}' >&3 && head -c1 <&3" 2>/dev/null | grep -q R
}
while :; do
  at=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
  seen= none='{"metric":"maasha_fence_open","labels":{"node":"${node}"}}'
  if ! ip -o addr show to ${VIP} | grep -q .; then
    open=0 none=
    for host in ${VIP} ${ADDRESS[peer(node)]}; do reaches $host ${PORT.pgpool} && open=1; done
    seen='{"metric":"maasha_fence_open","labels":{"node":"${node}"},"value":'$open'}'
  fi
  printf '{"check":"fencing","region":"lab","state":"ok","startedAt":"%s","observations":[%s],"inapplicable":[%s]}\n' \
    "$at" "$seen" "$none" >${REPORT}.new
  mv ${REPORT}.new ${REPORT}
  sleep ${EVERY} & wait $!
done
`;

function writeReporter(node: Node): void {
  const directory = paths.daemon(node, 'fence');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'report.sh'), report(node));
  chmodSync(join(directory, 'report.sh'), 0o755);
  // A shell that waits ends with its child; INT is what the lab says to a daemon.
  writeDaemon(node, 'fence', ['bash report.sh']);
}

const fence: LabService = {
  packages: ['nftables'],
  daemons: { rc1: ['fence'], rc2: ['fence'] },
  write: () => {
    NODES.forEach(writeReporter);
  },
  networked: async () => {
    await Promise.all(NODES.map(closeFilter));
  },
  late: true,
  look: async () => {
    const closed = await Promise.all(NODES.map(isFiltered));
    return NODES.filter((_, index) => closed[index] !== true).map(
      (node) => `the packet filter of ${node} does not keep the application from PostgreSQL`,
    );
  },
  configure: (region) => {
    region['fencing'] = {
      role: 'maas',
      reports: Object.fromEntries(NODES.map((node) => [node, { file: reportOf(node) }])),
    };
  },
};

export default fence;
