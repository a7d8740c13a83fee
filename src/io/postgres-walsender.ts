import { CheckFailure } from '../core/failure.ts';
import type { Row, SystemIdentity, Walsender } from '../core/ports/postgres.ts';
import { parseLsn } from '../protocol/lsn.ts';
import { parseTimelineHistory } from '../protocol/timeline-history.ts';
import type { Link } from './postgres-link.ts';
import type { Scope } from './scope.ts';

/**
 * The two questions of the replication protocol that only look (PostgreSQL manual section 55.4). Nothing
 * here asks for WAL or touches a slot.
 */
export const walsender = (scope: Scope, link: Link): Walsender => ({
  identify: async ({ timeout }) => readIdentity(await link.ask(scope, 'IDENTIFY_SYSTEM', timeout)),
  timelineHistory: async (timeline, { timeout }) => {
    if (!Number.isInteger(timeline) || timeline < 2)
      throw new CheckFailure('protocol', `timeline ${timeline} has no history`);
    const rows = await link.ask(scope, `TIMELINE_HISTORY ${timeline}`, timeout);
    return parseTimelineHistory(column(rows, 'content'), timeline);
  },
});

/** @throws CheckFailure `protocol` when the answer is another one. */
function readIdentity(rows: readonly Row[]): SystemIdentity {
  const timeline = Number(column(rows, 'timeline'));
  if (!Number.isInteger(timeline) || timeline < 1) throw unexpected('timeline');
  return {
    system: column(rows, 'systemid'),
    timeline,
    position: parseLsn(column(rows, 'xlogpos')),
  };
}

function column(rows: readonly Row[], name: string): string {
  const [row] = rows;
  const value = row?.[name];
  if (rows.length !== 1 || typeof value !== 'string') throw unexpected(name);
  return value;
}

const unexpected = (what: string): CheckFailure =>
  new CheckFailure('protocol', `the server answered the replication command with no ${what}`);
