import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  DeliveryFailure,
  type Channel,
  type Parcel,
  type Receipt,
  type Thread,
} from '../../../alerts/notifier.ts';
import { isSettled, type Delivery } from '../../../alerts/outbox/delivery.ts';
import { Worker } from '../../../alerts/outbox/worker.ts';
import { seconds } from '../../../src/core/time.ts';
import { FakeClock } from '../../support/clock.ts';
import { row } from './rows.ts';

type Answer = Receipt | DeliveryFailure | 'hang';

/** A channel that answers as it is told, accepting everything once it has been told nothing more. */
class Scripted {
  readonly sent: { readonly parcel: Parcel; readonly thread: Thread }[] = [];
  readonly asked: string[] = [];
  tests = 0;
  broken: DeliveryFailure | undefined;
  /** What it has, as far as it is asked. */
  has: Receipt | undefined;
  readonly #answers: Answer[];

  constructor(answers: readonly Answer[] = []) {
    this.#answers = [...answers];
  }

  readonly channel: Channel = {
    is: 'channel',
    send: async (parcel, thread) => {
      this.sent.push({ parcel, thread });
      const answer = this.#answers.shift() ?? { accepted: this.sent.length };
      if (answer === 'hang') return new Promise<Receipt>(() => {});
      if (answer instanceof DeliveryFailure) throw answer;
      return answer;
    },
    find: async ({ id }) => {
      this.asked.push(id);
      return this.has;
    },
    test: async () => {
      this.tests += 1;
      if (this.broken !== undefined) throw this.broken;
      return 'it works';
    },
    close: async () => {},
  };
}

const withoutFind = (channel: Channel): Channel => {
  const kept = Object.entries(channel).filter(([name]) => name !== 'find');
  return Object.fromEntries(kept) as unknown as Channel;
};

function bench(rows: readonly Delivery[], script: Scripted, change: { noFind?: boolean } = {}) {
  const clock = new FakeClock();
  const shelf = new Map(
    rows.map((each) => [each.id, { ...each, created: clock.now(), due: clock.now() }]),
  );
  const history: string[] = [];
  const worker = new Worker({
    name: 'slack',
    channel: change.noFind === true ? withoutFind(script.channel) : script.channel,
    shelf: {
      of: () => shelf.values(),
      thread: () => [...shelf.values()],
      put: (delivery) => {
        history.push(`${delivery.notice.kind} ${delivery.stage}`);
        shelf.set(delivery.id, delivery);
      },
    },
    clock,
    random: () => 0.5,
    at: (label) => history.push(label),
    onError: (error) => history.push(`defect: ${String(error)}`),
  });
  const calm = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  };
  return {
    clock,
    shelf,
    history,
    worker,
    calm,
    pass: async (by: number): Promise<void> => {
      clock.advance(by);
      await calm();
    },
    wake: async (): Promise<void> => {
      worker.wake();
      await calm();
    },
    stages: () => [...shelf.values()].map(({ stage }) => stage),
  };
}

const again = new DeliveryFailure('again', 'connection refused');
const unknown = new DeliveryFailure('unknown', 'no answer');

describe('a worker', () => {
  it('stores the attempt before it sends, and the receipt after', async () => {
    const { wake, history, worker } = bench([row('open', 1)], new Scripted());
    await wake();
    expect(history).toEqual([
      'open leased',
      'send:before',
      'send:after',
      'open sent',
      'receipt:after',
    ]);
    await worker.stop();
  });

  it('gives each message the receipts of those before it', async () => {
    const script = new Scripted([{ ts: '1' }, { ts: '2' }]);
    const { wake, worker } = bench(
      [row('open', 1), row('acknowledge', 2), row('close', 3)],
      script,
    );
    await wake();
    expect(script.sent.map(({ thread }) => thread.receipts)).toEqual([
      [],
      [{ ts: '1' }],
      [{ ts: '1' }, { ts: '2' }],
    ]);
    await worker.stop();
  });

  it('tries again after a failure, when its time has come, until it is accepted', async () => {
    const script = new Scripted([again, again]);
    const { wake, pass, stages, worker } = bench([row('open', 1)], script);
    await wake();
    expect(script.sent).toHaveLength(1);
    await pass(1.9);
    expect(script.sent).toHaveLength(1);
    await pass(0.1);
    expect(script.sent).toHaveLength(2);
    await pass(4);
    expect(stages()).toEqual(['sent']);
    await worker.stop();
  });

  it('lets the whole channel wait exactly as long as it was told to', async () => {
    const script = new Scripted([
      new DeliveryFailure('limited', 'too fast', { retryAfter: seconds(30) }),
    ]);
    const other = { ...row('open', 1), id: 'other', episode: 'other' };
    const { wake, pass, worker } = bench([row('open', 1), other], script);
    await wake();
    await pass(29.9);
    expect(script.sent).toHaveLength(1);
    await pass(1);
    expect(script.sent).toHaveLength(3);
    await worker.stop();
  });

  it('asks the channel after an unknown outcome, and sends nothing twice that is there', async () => {
    const script = new Scripted([unknown]);
    const { wake, pass, stages, shelf, worker } = bench([row('open', 1)], script);
    script.has = { ts: 'found' };
    await wake();
    await pass(3);
    expect(script.asked).toHaveLength(1);
    expect(script.sent).toHaveLength(1);
    expect(stages()).toEqual(['sent']);
    expect([...shelf.values()][0]?.receipt).toEqual({ ts: 'found' });
    await worker.stop();
  });

  it('sends again what the channel has not had, asked twice', async () => {
    const script = new Scripted([unknown]);
    const { wake, pass, stages, worker } = bench([row('open', 1)], script);
    await wake();
    await pass(3);
    expect(script.sent).toHaveLength(1);
    await pass(3);
    expect(script.asked).toHaveLength(2);
    expect(script.sent).toHaveLength(2);
    expect(stages()).toEqual(['sent']);
    await worker.stop();
  });

  it('sends again without a question where the channel cannot tell', async () => {
    const script = new Scripted([unknown]);
    const { wake, pass, stages, worker } = bench([row('open', 1)], script, { noFind: true });
    await wake();
    await pass(3);
    expect(script.sent).toHaveLength(2);
    expect(stages()).toEqual(['sent']);
    await worker.stop();
  });

  it('parks a channel that a person must mend, loses nothing, and goes on by itself', async () => {
    const closed = new DeliveryFailure('closed', 'token revoked');
    const script = new Scripted([closed]);
    script.broken = closed;
    const { wake, pass, stages, worker } = bench([row('open', 1)], script);
    await wake();
    expect(worker.parked).toBe('token revoked');
    await pass(600);
    expect(script.sent).toHaveLength(1);
    expect(stages()).toEqual(['queued']);
    script.broken = undefined;
    await pass(60);
    expect(worker.parked).toBeUndefined();
    expect(stages()).toEqual(['sent']);
    await worker.stop();
  });

  it('gives up waiting for a channel that hangs, and doubts', async () => {
    const script = new Scripted(['hang']);
    const { wake, pass, stages, worker } = bench([row('open', 1)], script);
    await wake();
    await pass(45);
    expect(stages()).toEqual(['doubtful']);
    await worker.stop();
  });

  it('doubts what was under way when it is stopped, and begins nothing more', async () => {
    const script = new Scripted(['hang']);
    const { wake, stages, worker, clock, calm } = bench([row('open', 1), row('close', 2)], script);
    await wake();
    const stopped = worker.stop(seconds(5));
    await calm();
    clock.advance(5);
    await stopped;
    expect(stages()).toEqual(['doubtful', 'queued']);
    expect(clock.pending).toBe(0);
  });

  it('keeps to its pace', async () => {
    const rows = Array.from({ length: 9 }, (_, index) => ({
      ...row('open', 1),
      id: String(index),
      episode: String(index),
    }));
    const script = new Scripted();
    const { wake, pass, stages, worker } = bench(rows, script);
    await wake();
    expect(script.sent).toHaveLength(5);
    await pass(1);
    expect(script.sent).toHaveLength(6);
    for (let second = 0; second < 3; second += 1) await pass(1);
    expect(stages().every((stage) => isSettled({ stage }))).toBe(true);
    await worker.stop();
  });
});
