import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import { instant, seconds } from '../../src/core/time.ts';
import { Ledger } from '../../src/store/ledger.ts';
import type { Change, Entry } from '../../src/store/store.ts';
import { FakeClock } from '../support/clock.ts';
import { FailingStore } from './failing.ts';
import { delivery, entry } from './samples.ts';

const LINES = 12;

const change: fc.Arbitrary<Change> = fc.record(
  {
    documents: fc.dictionary(
      fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'),
      fc.option(fc.jsonValue(), { nil: undefined }),
    ),
    deliveries: fc.array(
      fc
        .record({
          episode: fc.constantFrom('E1', 'E2', 'E3'),
          channel: fc.constantFrom('slack', 'email'),
          seq: fc.integer({ min: 1, max: 4 }),
          stage: fc.constantFrom('queued', 'leased', 'sent', 'dead', 'superseded'),
          attempts: fc.nat(9),
        })
        .map((changes) => delivery(changes)),
      { maxLength: 4 },
    ),
    journal: fc.array(
      fc.nat(1000).map((at) => entry(at)),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);

const step = fc.oneof(
  { weight: 5, arbitrary: change.map((value) => ({ does: 'commit' as const, change: value })) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { does: 'break' as const },
      { does: 'mend' as const },
      { does: 'retry' as const },
      { does: 'restart' as const },
    ),
  },
);

/** What the ledger must hold: the last value of each thing, and all lines that never fell out of the ring. */
class Model {
  documents = new Map<string, unknown>();
  deliveries = new Map<string, Delivery>();
  durable: Entry[] = [];
  waiting: Entry[] = [];

  apply({ documents = {}, deliveries = [], journal = [] }: Change): void {
    for (const [key, value] of Object.entries(documents)) {
      if (value === undefined) this.documents.delete(key);
      else this.documents.set(key, value);
    }
    for (const each of deliveries) this.deliveries.set(each.id, each);
    this.waiting.push(...journal);
  }

  save(): void {
    this.durable.push(...this.waiting);
    this.waiting = [];
  }
}

describe('a ledger with any history of commits, outages and restarts', () => {
  it('holds in memory what was committed, and the same on disk after each success', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const store = new FailingStore();
        const model = new Model();
        const said: boolean[] = [];
        const open = (): Ledger =>
          Ledger.on(store, {
            clock: new FakeClock(),
            onTrouble: () => said.push(true),
            onMended: () => said.push(false),
            lines: LINES,
            // Nothing is ever long over, so that a restart forgets nothing.
            lately: seconds(1e12),
          });
        let ledger = open();

        const memoryIsRight = (): void => {
          for (const key of ['a', 'b', 'c', '__proto__', 'constructor']) {
            expect(ledger.document(key)).toEqual(model.documents.get(key));
          }
          expect(ledger.deliveries()).toEqual([...model.deliveries.values()]);
          for (const channel of ['slack', 'email']) {
            expect(ledger.deliveriesOfChannel(channel)).toEqual(
              [...model.deliveries.values()].filter((each) => each.channel === channel),
            );
          }
          expect(ledger.journal({ most: 10_000 })).toEqual([...model.durable, ...model.waiting]);
        };
        const diskIsRight = (): void => {
          const stored = store.load(instant(0));
          expect(new Map(Object.entries(stored.documents))).toEqual(model.documents);
          expect(new Map(stored.deliveries.map((each) => [each.id, each]))).toEqual(
            model.deliveries,
          );
          expect(store.journal({ most: 10_000 })).toEqual(model.durable);
        };
        const saved = (durable: boolean): void => {
          expect(durable).toBe(!store.broken);
          if (durable) model.save();
          else model.waiting = model.waiting.slice(-LINES);
          expect(ledger.trouble === undefined).toBe(durable);
          if (durable) diskIsRight();
        };

        for (const each of steps) {
          switch (each.does) {
            case 'commit':
              model.apply(each.change);
              saved(ledger.commit(each.change));
              break;
            case 'break':
              store.broken = true;
              break;
            case 'mend':
              store.broken = false;
              break;
            case 'retry':
              // Without an outage there is nothing to try: a broken disk is not known to be broken.
              if (ledger.trouble !== undefined) saved(ledger.retry());
              break;
            case 'restart':
              if (store.broken) break;
              ledger.close();
              model.save();
              ledger = open();
              break;
          }
          memoryIsRight();
        }
        store.broken = false;
        expect(ledger.retry()).toBe(true);
        model.save();
        diskIsRight();
        expect(said.every((bad, index) => bad === (index % 2 === 0))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
