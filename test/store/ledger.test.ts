import { describe, expect, it } from 'vitest';
import { instant, seconds } from '../../src/core/time.ts';
import { Ledger } from '../../src/store/ledger.ts';
import { FakeClock } from '../support/clock.ts';
import { FailingStore } from './failing.ts';
import { delivery, entry } from './samples.ts';

function ledgerOn(store = new FailingStore(), options: { lines?: number } = {}) {
  const clock = new FakeClock();
  const said: string[] = [];
  const mended: string[] = [];
  const ledger = Ledger.on(store, {
    clock,
    onTrouble: (says) => said.push(says),
    onMended: (says) => mended.push(says),
    ...options,
  });
  return { ledger, store, clock, said, mended };
}

describe('a ledger', () => {
  it('has in memory and on disk what was committed', () => {
    const { ledger, store } = ledgerOn();
    const row = delivery();
    expect(ledger.commit({ documents: { a: 1 }, deliveries: [row], journal: [entry(1)] })).toBe(
      true,
    );
    expect(ledger.document('a')).toBe(1);
    expect(ledger.delivery(row.id)).toBe(row);
    expect(store.load(instant(0))).toEqual({ documents: { a: 1 }, deliveries: [row] });
    expect(ledger.journal({ most: 9 })).toEqual([entry(1)]);
    expect(ledger.trouble).toBeUndefined();
  });

  it('begins with what was stored', () => {
    const store = new FailingStore();
    store.commit({ documents: { a: { deep: [1] } }, deliveries: [delivery()] });
    const { ledger } = ledgerOn(store);
    expect(ledger.document('a')).toEqual({ deep: [1] });
    expect(ledger.deliveries()).toEqual([delivery()]);
  });

  it('deletes a document that is undefined', () => {
    const { ledger, store } = ledgerOn();
    ledger.commit({ documents: { a: 1, b: 2 } });
    ledger.commit({ documents: { a: undefined } });
    expect(ledger.document('a')).toBeUndefined();
    expect(store.load(instant(0)).documents).toEqual({ b: 2 });
  });

  it('finds deliveries by channel and by episode, in the order of their creation', () => {
    const { ledger } = ledgerOn();
    const [a, b, c] = [
      delivery(),
      delivery({ channel: 'email' }),
      delivery({ episode: 'E2' }),
    ] as const;
    ledger.commit({ deliveries: [a, b, c] });
    const changed = { ...a, stage: 'leased' as const };
    ledger.commit({ deliveries: [changed] });
    expect(ledger.deliveries()).toEqual([changed, b, c]);
    expect(ledger.deliveriesOfChannel('slack')).toEqual([changed, c]);
    expect(ledger.deliveriesOfEpisode('E1')).toEqual([changed, b]);
    expect(ledger.deliveriesOfChannel('webhook')).toEqual([]);
  });

  it('calls the crash points around a commit, with its effects between them', () => {
    const seen: string[] = [];
    const store = new FailingStore();
    const ledger: Ledger = Ledger.on(store, {
      clock: new FakeClock(),
      onTrouble: () => {},
      at: (label) => seen.push(`${label} ${String(ledger.document('a'))} ${store.commits}`),
    });
    ledger.commit({ documents: { a: 1 } });
    expect(seen).toEqual(['commit:before undefined 0', 'commit:after 1 1']);
  });

  it('refuses what is not plain data, and nothing of it is done', () => {
    const { ledger, said } = ledgerOn();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const value of [1n, () => 1, cycle]) {
      expect(() => ledger.commit({ documents: { good: 1, bad: value } })).toThrow(
        /^document bad is not plain data/,
      );
    }
    expect(ledger.document('good')).toBeUndefined();
    expect(said).toEqual([]);
    expect(ledger.commit({ documents: { good: 1 } })).toBe(true);
  });
});

describe('a ledger on a broken disk', () => {
  it('goes on in memory and says so once', () => {
    const { ledger, store, said } = ledgerOn();
    store.broken = true;
    expect(ledger.commit({ documents: { a: 1 } })).toBe(false);
    expect(ledger.commit({ documents: { a: 2 }, deliveries: [delivery()] })).toBe(false);
    expect(ledger.retry()).toBe(false);
    expect(ledger.document('a')).toBe(2);
    expect(said).toEqual([
      'the store cannot be written since 2026-11-23T10:33:20.000Z: database or disk is full (SQLITE_FULL); ' +
        '1 documents, 0 deliveries and 0 journal lines are only in memory; alerting goes on from memory',
    ]);
    expect(ledger.trouble).toContain('1 documents, 1 deliveries and 0 journal lines');
  });

  it('writes everything once the disk works again, each thing in its newest form, in one commit', () => {
    const { ledger, store, said, mended } = ledgerOn();
    ledger.commit({ documents: { gone: 1 } });
    store.broken = true;
    ledger.commit({ documents: { a: 1, gone: undefined }, journal: [entry(1)] });
    ledger.commit({ documents: { a: 2 }, deliveries: [delivery()], journal: [entry(2)] });
    const sent = delivery({ stage: 'sent' });
    ledger.commit({ deliveries: [sent] });
    store.broken = false;
    const before = store.commits;
    expect(ledger.retry()).toBe(true);
    expect(store.commits - before).toBe(1);
    expect(store.load(instant(0))).toEqual({ documents: { a: 2 }, deliveries: [sent] });
    expect(store.journal({ most: 9 })).toEqual([entry(1), entry(2)]);
    expect(ledger.trouble).toBeUndefined();
    expect(said).toHaveLength(1);
    expect(mended).toEqual([
      'the store is written again, as it was not since 2026-11-23T10:33:20.000Z; nothing was lost',
    ]);
  });

  it('writes what is unsaved with the next commit', () => {
    const { ledger, store } = ledgerOn();
    store.broken = true;
    ledger.commit({ documents: { a: 1 }, journal: [entry(1)] });
    store.broken = false;
    expect(ledger.commit({ documents: { b: 2 }, journal: [entry(2)] })).toBe(true);
    expect(store.load(instant(0)).documents).toEqual({ a: 1, b: 2 });
    expect(ledger.journal({ most: 9 })).toEqual([entry(1), entry(2)]);
  });

  it('says the next outage again', () => {
    const { ledger, store, said } = ledgerOn();
    for (const broken of [true, false, true]) {
      store.broken = broken;
      ledger.commit({ documents: { a: 1 } });
    }
    expect(said).toHaveLength(2);
  });

  it('keeps the newest journal lines and says how many are lost', () => {
    const { ledger, store, mended } = ledgerOn(new FailingStore(), { lines: 3 });
    store.broken = true;
    for (const at of [1, 2, 3, 4, 5]) ledger.commit({ journal: [entry(at)] });
    expect(ledger.trouble).toContain('3 journal lines are only in memory, and 2 older journal');
    store.broken = false;
    ledger.retry();
    expect(store.journal({ most: 9 })).toEqual([entry(3), entry(4), entry(5)]);
    expect(mended[0]).toMatch(/2 journal lines were lost$/);
  });

  it('shows journal lines of disk and memory in one row, as many as were asked for', () => {
    const { ledger, store } = ledgerOn();
    for (const at of [1, 2, 3]) ledger.commit({ journal: [entry(at, { episode: 'E1' })] });
    store.broken = true;
    ledger.commit({ journal: [entry(4, { episode: 'E2' }), entry(5, { episode: 'E1' })] });
    const at = (lines: readonly { readonly at: number }[]) => lines.map((line) => line.at);
    expect(at(ledger.journal({ most: 9 }))).toEqual([1, 2, 3, 4, 5]);
    expect(at(ledger.journal({ most: 3 }))).toEqual([3, 4, 5]);
    expect(at(ledger.journal({ most: 1 }))).toEqual([5]);
    expect(at(ledger.journal({ most: 3, episode: 'E1' }))).toEqual([2, 3, 5]);
    expect(at(ledger.journal({ most: 0 }))).toEqual([]);
  });

  it('lets the owner of the bad news commit at once', () => {
    const store = new FailingStore();
    const ledger: Ledger = Ledger.on(store, {
      clock: new FakeClock(),
      onTrouble: (says) => ledger.commit({ documents: { a: 'from the news', said: says } }),
    });
    store.broken = true;
    ledger.commit({ documents: { a: 'first' } });
    expect(ledger.document('a')).toBe('from the news');
    store.broken = false;
    ledger.retry();
    expect(store.load(instant(0)).documents['a']).toBe('from the news');
  });

  it('writes what it still can before it closes', () => {
    const { ledger, store } = ledgerOn();
    store.broken = true;
    ledger.commit({ documents: { a: 1 } });
    store.broken = false;
    ledger.close();
    expect(store.load(instant(0)).documents).toEqual({ a: 1 });
    expect(store.closed).toBe(true);
  });
});

describe('a ledger that is pruned', () => {
  const closed = [
    delivery({ kind: 'open', stage: 'sent' }),
    delivery({ kind: 'close', stage: 'sent', seq: 2 }),
  ];
  const open = delivery({ episode: 'E2', stage: 'sent' });

  it('forgets what is over, and keeps what is owed an end', () => {
    const { ledger, store } = ledgerOn();
    ledger.commit({ deliveries: [...closed, open], journal: [entry(1), entry(9000)] });
    ledger.prune(instant(5000));
    expect(ledger.deliveries()).toEqual([open]);
    expect(ledger.deliveriesOfChannel('slack')).toEqual([open]);
    expect(ledger.deliveriesOfEpisode('E1')).toEqual([]);
    expect(store.load(instant(0)).deliveries).toEqual([open]);
    expect(ledger.journal({ most: 9 })).toEqual([entry(9000)]);
  });

  it('does it later, when the disk cannot now', () => {
    const { ledger, store, said } = ledgerOn();
    ledger.commit({ journal: [entry(1)] });
    store.broken = true;
    ledger.prune(instant(5000));
    expect(said).toHaveLength(1);
    store.broken = false;
    expect(ledger.retry()).toBe(true);
    expect(ledger.journal({ most: 9 })).toEqual([]);
    expect(ledger.trouble).toBeUndefined();
  });

  it('removes nothing of an episode that only memory knows to go on', () => {
    const { ledger, store } = ledgerOn();
    ledger.commit({ deliveries: closed });
    store.broken = true;
    const again = delivery({ kind: 'reopen', seq: 3 });
    ledger.commit({ deliveries: [again] });
    ledger.prune(instant(5000));
    store.broken = false;
    ledger.retry();
    expect(store.load(instant(0)).deliveries).toEqual([...closed, again]);
  });
});

describe('a ledger in memory', () => {
  it('has no trouble when nobody wanted more', async () => {
    const ledger = await Ledger.open({ clock: new FakeClock(), onTrouble: () => {} });
    expect(ledger.commit({ documents: { a: 1 }, journal: [entry(1)] })).toBe(true);
    expect(ledger.document('a')).toBe(1);
    expect(ledger.journal({ most: 1 })).toEqual([entry(1)]);
    expect(ledger.trouble).toBeUndefined();
    ledger.close();
  });

  it('says why, when somebody wanted more, and calls nothing durable', async () => {
    const because = 'better-sqlite3 is not compiled';
    const ledger = await Ledger.open({ clock: new FakeClock(), onTrouble: () => {}, because });
    expect(ledger.commit({ documents: { a: 1 } })).toBe(false);
    expect(ledger.retry()).toBe(false);
    expect(ledger.trouble).toBe(because);
    ledger.close();
  });

  it('keeps the newest journal lines only', async () => {
    const options = { clock: new FakeClock(), onTrouble: () => {}, lines: 2 };
    const ledger = await Ledger.open({ ...options, lately: seconds(1) });
    for (const at of [1, 2, 3]) ledger.commit({ journal: [entry(at)] });
    expect(ledger.journal({ most: 9 })).toEqual([entry(2), entry(3)]);
  });
});
