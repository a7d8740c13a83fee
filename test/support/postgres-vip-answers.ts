import { MAY_REPLICATE } from '../../src/analysis/divergence/notes.ts';
import { WHO_ANSWERS } from '../../src/analysis/vip-sql/answers.ts';
import type { CheckFailure } from '../../src/core/failure.ts';
import type {
  CanaryPort,
  PostgresPort,
  Row,
  SystemIdentity,
  TimelineEnd,
  WalsenderPort,
} from '../../src/core/ports/postgres.ts';
import { seconds } from '../../src/core/time.ts';
import { failure, VERSION } from './postgres-answers.ts';

/** Who answers by way of the virtual address; a failure where nobody does. */
export type Behind = Row | CheckFailure;

export const BEHIND: Row = { in_recovery: 'false', read_only: 'off', server: '172.31.16.32' };

/** The servers of `nodes`, asked for their right to replicate too, and one more at the virtual address. */
export const throughVip = (
  nodes: PostgresPort,
  {
    behind = BEHIND,
    mayReplicate = 'true',
  }: { readonly behind?: Behind; readonly mayReplicate?: string } = {},
): PostgresPort => ({
  open: async (server, options) => {
    if (server.host === '172.31.16.39') {
      if (behind instanceof Error) throw behind;
      return {
        version: VERSION,
        query: async (sql) => {
          if (sql === WHO_ANSWERS) return [behind];
          throw failure('protocol');
        },
      };
    }
    const session = await nodes.open(server, options);
    return {
      ...session,
      query: async (sql, limit) =>
        sql === MAY_REPLICATE ? [{ may: mayReplicate }] : session.query(sql, limit),
    };
  },
});

/** What a server says in the replication protocol, or why it does not. */
export type Told = (SystemIdentity & { readonly history?: readonly TimelineEnd[] }) | CheckFailure;

/** Walsenders by address, and a list of those that were opened. */
export function histories(told: Readonly<Record<string, Told>>) {
  const opened: string[] = [];
  const port: WalsenderPort = {
    open: async ({ host }, { physical = false }) => {
      opened.push(`${host}${physical ? ' physical' : ''}`);
      const own = told[host] ?? failure('timeout');
      if (own instanceof Error) throw own;
      return {
        identify: async () => own,
        timelineHistory: async () => {
          if (own.history === undefined) throw failure('protocol', '58P01');
          return own.history;
        },
      };
    },
  };
  return { port, opened };
}

export const writes = (fails?: CheckFailure, kept = true): CanaryPort => ({
  write: async () => {
    if (fails !== undefined) throw fails;
    return { took: seconds(0.012), kept };
  },
});
