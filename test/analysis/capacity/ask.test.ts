import { describe, expect, it, test } from 'vitest';
import { oldestOf, takeStock } from '../../../src/analysis/capacity/ask.ts';
import { CheckFailure } from '../../../src/core/failure.ts';
import type { PostgresSession, Row } from '../../../src/core/ports/postgres.ts';
import { STOCK } from '../../support/postgres-answers.ts';

const SEGMENT = 16n * 1024n ** 2n;
const view = { node: { name: 'rc1', address: '172.31.16.32' }, is: 'unknown' } as const;

/** A server of some version; `asked` lists the questions. */
function server(version: number, answer: (sql: string) => readonly Row[]) {
  const asked: string[] = [];
  const session: PostgresSession = {
    version,
    query: async (sql) => {
      asked.push(sql);
      return answer(sql);
    },
  };
  return { session, asked };
}
const limits: Row = STOCK.limits ?? {};

describe('what a server is asked', () => {
  it('is nothing about files before 10, where only a superuser may look', async () => {
    const { session, asked } = server(90_600, () => []);
    expect((await oldestOf(session, SEGMENT)).never).toContain('before PostgreSQL 10');
    expect(asked).toEqual([]);
  });

  test.each([
    [90_300, 2],
    [90_400, 3],
  ])('is on %d nothing about slots that it does not have', async (version, questions) => {
    const { session, asked } = server(version, (sql) => (sql.includes('max_conn') ? [limits] : []));
    const stock = await takeStock({ view, session });
    expect(stock).toMatchObject({ slots: [], narrow: [] });
    expect(asked).toHaveLength(questions);
  });

  it('is nothing more once it failed to answer, and the failure is kept', async () => {
    const { session, asked } = server(150_000, () => {
      throw new CheckFailure('timeout', 'no answer');
    });
    const stock = await takeStock({ view, session });
    expect(stock.failure?.code).toBe('timeout');
    expect(asked).toHaveLength(1);
  });

  it('is nothing of a server that is older than these words', async () => {
    const { session, asked } = server(90_200, () => []);
    expect((await takeStock({ view, session })).failure?.code).toBe('version');
    expect(asked).toEqual([]);
  });
});
