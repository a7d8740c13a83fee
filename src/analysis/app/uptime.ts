import { get } from './pages.ts';
import { started } from './metrics.ts';
import { addressed } from '../region/rpc-info.ts';
import { evidence, gap, type CheckContext, type Note } from '../../core/check.ts';
import { CheckFailure, isSilence } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import type { HttpReply } from '../../core/ports/network.ts';
import type { Node, Region } from '../../core/region.ts';
import { formatDuration, seconds } from '../../core/time.ts';

/* Since when a node's web server runs: Apache's mod_status in its machine-readable form (`?auto`). */

/** A length of time, so that the clocks of the two machines need not agree. */
const UPTIME = /^(?:ServerUptimeSeconds|Uptime): *(\d{1,12})\r?$/m;
const STATUS = { timeout: seconds(6), maxBytes: 64 * 1024 };
const WORKERS = /^BusyWorkers: *(\d{1,6})\r?\n(?:.*\n)?IdleWorkers: *(\d{1,6})\r?$/m;

/** Asks one node; where nobody answers nothing is said: that is told by what it serves. */
export async function uptimeNotes(
  { io, clock }: Pick<CheckContext, 'io' | 'clock'>,
  region: Region,
  { name: node, address }: Node,
  statusPath: string,
): Promise<readonly Note[]> {
  const { url: page, tls } = addressed(region, '', address);
  const url = new URL(statusPath.includes('?') ? statusPath : `${statusPath}?auto`, page);
  const answer = await get(io, url.href, { ...STATUS, tls });
  if (answer instanceof CheckFailure) return isSilence(answer) ? [] : [gap(node, answer)];
  const uptime = answer.status === 200 ? UPTIME.exec(answer.body)?.[1] : undefined;
  if (uptime === undefined) return [gap(node, unreadable(statusPath, answer))];
  return [
    observe(started, Math.round(clock.now() / 1000 - Number(uptime)), { node }),
    evidence(
      node,
      `its web server runs for ${formatDuration(seconds(Number(uptime)))}${workers(answer.body)}`,
    ),
  ];
}

function workers(body: string): string {
  const [, busy, idle] = WORKERS.exec(body) ?? [];
  if (busy === undefined || idle === undefined) return '';
  return `, ${busy} of ${Number(busy) + Number(idle)} workers busy`;
}

function unreadable(path: string, { status }: HttpReply): CheckFailure {
  if (status === 401 || status === 403)
    return new CheckFailure(
      'no_privilege',
      `${path} answers ${status}: the web server does not let the monitor's address read it (\`Require ip\`)`,
    );
  // While nobody has a worker free for it, the page says so with such a status, too.
  return new CheckFailure(
    'protocol',
    `${path} answers ${status} without an uptime: expected Apache's mod_status (\`app.status_path\`)`,
  );
}
