import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Channel, Mirror, Notifier } from '../../alerts/notifier.ts';
import { isSettled } from '../../alerts/outbox/delivery.ts';
import type { ChannelConfig } from '../../src/config/alerting.ts';
import { MONITOR } from '../../src/core/ports/monitor.ts';
import { seconds } from '../../src/core/time.ts';
import { acknowledge, CommandError, silence, standing } from '../../src/runtime/alert-commands.ts';
import { Alerting } from '../../src/runtime/alerting.ts';
import { FakeClock } from '../support/clock.ts';
import { region } from '../support/region.ts';
import { chanceOf } from './chance.ts';
import { CHECKS, ownRound, roundOf, ruleOf, type CheckName, type Readings } from './house.ts';
import type { Mutant } from './mutant.ts';
import type { Crash, Deed, Label } from './script.ts';

/** What the parent has the monitor do. */
export type Act =
  | { readonly is: 'look'; readonly check: CheckName; readonly readings: Readings }
  /** It looks at its own channels. */
  | { readonly is: 'self' }
  | { readonly is: 'pass'; readonly seconds: number }
  | { readonly is: 'deed'; readonly deed: Deed };

/** How things stand after an act. */
export interface Standing {
  readonly at: number;
  /** Deliveries that are under way. */
  readonly waiting: number;
  /** Alerts about the region that go on. */
  readonly standing: number;
}

export interface StageParts {
  readonly folder: string;
  /** When this life begins, on the clock of the history. */
  readonly at: number;
  /** For chance in this life. */
  readonly seed: number;
  readonly notifiers: readonly Notifier[];
  readonly channels: readonly ChannelConfig[];
  readonly crash?: Pick<Crash, 'label' | 'nth'> | undefined;
  /** Ends this life, at once. */
  readonly die: () => void;
  /** The clock shows another time. */
  readonly onTime: (at: number) => void;
  readonly onError: (words: string) => void;
  readonly mutant?: Mutant | undefined;
}

export const storeIn = (folder: string): string => join(folder, 'maasha.db');

/**
 * One life of a monitor: the whole alerting on a clock that stands still while anybody talks, so that
 * hours pass at once and nothing depends on how fast this machine is.
 */
export class Stage {
  readonly #parts: StageParts;
  readonly #clock = new FakeClock();
  readonly #talks = new Talks();
  #alerting: Alerting | undefined;
  #counted = 0;
  #over = false;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.#clock.advance((parts.at - this.#clock.now()) / 1000);
  }

  async open(): Promise<Standing> {
    const { folder, channels, notifiers, seed, mutant, onError, onTime } = this.#parts;
    onTime(this.#clock.now());
    await mutant?.between?.(storeIn(folder));
    const tools = { ledger: () => this.#alerting?.ledger };
    const known = notifiers.map((each) => mutant?.wrap?.(each, tools) ?? each);
    const configured = {
      file: 'maasha.yaml',
      listen: { host: '127.0.0.1', port: 0 },
      regions: [region()],
      checks: {},
      alerting: { state: folder, maintenance: [], channels },
    };
    const alerting = await Alerting.open(configured.alerting, {
      clock: this.#clock,
      notifiers: known.map((each) => this.#talks.watched(each)),
      declared: CHECKS.flatMap(({ rules }) => rules),
      results: () => [],
      random: chanceOf(seed).next,
      print: () => undefined,
      onError: (error, where) => {
        if (!this.#over)
          onError(`${where}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      },
      at: (label) => {
        this.#at(label);
      },
    });
    this.#alerting = alerting;
    await alerting.configure(configured, CHECKS);
    await this.#calm();
    return this.#standing();
  }

  async perform(act: Act): Promise<Standing> {
    await this.#do(this.#parts.mutant?.feed?.(act) ?? act);
    await this.#calm();
    return this.#standing();
  }

  /** The other end will not answer what it was just asked. */
  hung(channel: string): void {
    this.#talks.hung(channel);
  }

  /** From now on nothing of this life has any effect. */
  end(): void {
    this.#over = true;
    this.#talks.wake();
  }

  get over(): boolean {
    return this.#over;
  }

  async stop(): Promise<void> {
    const end: { came: boolean } = { came: false };
    const stopping = (this.#alerting?.stop() ?? Promise.resolve()).finally(() => {
      end.came = true;
    });
    while (!end.came) {
      this.#clock.advance(1);
      await setImmediate();
    }
    await stopping;
  }

  #at(label: string): void {
    const { crash, die, mutant } = this.#parts;
    if (this.#over) throw new Error('this life is over');
    const ledger = this.#alerting?.ledger;
    if (ledger !== undefined) mutant?.at?.(label as Label, ledger);
    if (label !== crash?.label) return;
    this.#counted += 1;
    if (this.#counted !== crash.nth) return;
    die();
    if (this.#over as boolean) throw new Error('killed');
  }

  async #do(act: Act): Promise<void> {
    const alerting = this.#alerting;
    if (alerting === undefined) throw new Error('the stage is not open');
    switch (act.is) {
      case 'look':
        alerting.take({ ...roundOf(act.check, act.readings), startedAt: this.#clock.now() });
        return;
      case 'self':
        alerting.take({
          ...ownRound(alerting.facts().delivery ?? []),
          startedAt: this.#clock.now(),
        });
        return;
      case 'deed':
        deal(alerting, act.deed);
        return;
      case 'pass':
        for (let second = 0; second < act.seconds && !this.#over; second += 1) {
          this.#parts.onTime(this.#clock.now() + 1000);
          this.#clock.advance(1);
          await this.#calm();
        }
    }
  }

  /** Until nobody talks who will get an answer. */
  async #calm(): Promise<void> {
    for (let turn = 0; turn < 2 && !this.#over; turn += 1) {
      await setImmediate();
      if (!this.#talks.areQuiet) turn = -1;
      while (!this.#talks.areQuiet && !this.over) await this.#talks.change();
    }
  }

  #standing(): Standing {
    const states = this.#alerting?.desk.states() ?? [];
    return {
      at: this.#clock.now(),
      waiting: this.#alerting?.ledger.deliveries().filter((each) => !isSettled(each)).length ?? 0,
      standing: states
        .filter(({ region: of }) => of !== MONITOR.name)
        .flatMap(({ alerts }) => Object.values(alerts))
        .filter(({ condition }) => !OVER.includes(condition.is)).length,
    };
  }
}

const OVER = ['inactive', 'resolved'];

function deal(alerting: Alerting, deed: Deed): void {
  const rule = ruleOf(deed.check).name;
  try {
    if (deed.does === 'silence') {
      const lasts = seconds(deed.lasts);
      silence(alerting, { by: 'ann', reason: 'I am on it', rule, lasts });
      return;
    }
    for (const found of standing(alerting).filter(({ alert }) => alert.rule === rule))
      acknowledge(alerting, found, { by: 'ann', via: 'test' });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}

/** Who is talking with the other ends, and who waits there in vain. */
class Talks {
  readonly #busy = new Map<string, number>();
  readonly #hung = new Set<string>();
  #watchers: (() => void)[] = [];

  get areQuiet(): boolean {
    return [...this.#busy].every(([channel, count]) => count <= (this.#hung.has(channel) ? 1 : 0));
  }

  change(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  wake(): void {
    for (const wake of this.#watchers.splice(0)) wake();
  }

  hung(channel: string): void {
    this.#hung.add(channel);
    this.wake();
  }

  watched(notifier: Notifier): Notifier {
    return {
      ...notifier,
      open: (settings, around) => {
        const opened = notifier.open(settings, around);
        const name = around.channel;
        return opened.is === 'mirror' ? this.#mirror(opened, name) : this.#channel(opened, name);
      },
    };
  }

  #channel(channel: Channel, name: string): Channel {
    return {
      is: 'channel',
      send: (parcel, thread, signal) =>
        this.#during(name, signal, () => channel.send(parcel, thread, signal), true),
      ...(channel.find !== undefined && {
        find: (parcel, thread, since, signal) =>
          this.#during(name, signal, async () => channel.find?.(parcel, thread, since, signal)),
      }),
      ...(channel.gestures !== undefined && {
        gestures: (threads, signal) =>
          this.#during(name, signal, async () => (await channel.gestures?.(threads, signal)) ?? []),
      }),
      test: (signal) => this.#during(name, signal, () => channel.test(signal)),
      close: () => channel.close(),
    };
  }

  #mirror(mirror: Mirror, name: string): Mirror {
    return {
      ...mirror,
      push: (alerts, signal) => this.#during(name, signal, () => mirror.push(alerts, signal)),
      test: (signal) => this.#during(name, signal, () => mirror.test(signal)),
    };
  }

  /** It has ended when it says so, or when whoever asked has given up. */
  async #during<Value>(
    name: string,
    signal: AbortSignal,
    talk: () => Promise<Value>,
    canHang = false,
  ): Promise<Value> {
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      this.#busy.set(name, (this.#busy.get(name) ?? 0) - 1);
      if (canHang) this.#hung.delete(name);
      this.wake();
    };
    this.#busy.set(name, (this.#busy.get(name) ?? 0) + 1);
    signal.addEventListener('abort', end, { once: true });
    try {
      return await talk();
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  }
}
