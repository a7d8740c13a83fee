import { randomBytes } from 'node:crypto';
import { catalogueOf, type Catalogue } from '../../alerts/catalogue.ts';
import { annotationsOf, type Scene } from '../../alerts/incident.ts';
import { mirrored, type Mirrored } from '../../alerts/mirror.ts';
import type { Notifier } from '../../alerts/notifier.ts';
import { expired, quietsAt, type Silence } from '../../alerts/quiet.ts';
import { DEFAULT_TIMERS } from '../../alerts/timers.ts';
import type { Quiet } from '../../alerts/visibility.ts';
import type { Alerting as Settings } from '../config/alerting.ts';
import type { Config } from '../config/load.ts';
import type { Check, CheckResult } from '../core/check.ts';
import { MONITOR } from '../core/ports/monitor.ts';
import type { Rule } from '../core/rule.ts';
import { instant, seconds, type Clock, type Instant, type Seconds } from '../core/time.ts';
import { ulid } from '../core/ulid.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Entry } from '../store/store.ts';
import { SILENCES } from './alert-commands.ts';
import { monitorNames, namesOf, watchesOf } from './alert-names.ts';
import { Channels, type ChannelsParts } from './channels.ts';
import { Desk } from './desk.ts';
import type { Objection } from './dead-man.ts';
import { heedGestures } from './gestures.ts';
import { MirrorFeed } from './mirror-feed.ts';
import { Outside, outsideSetup, type OutsideHands } from './outside.ts';
import { rehearsal } from './rehearsal.ts';
import { MOVED, openLedger } from './open-ledger.ts';
import { Repeat } from './repeat.ts';
import { linksOf, remarkOf, sceneOf } from './scene.ts';
import type { AlertingFacts } from './self.ts';

export interface AlertingParts {
  readonly clock: Clock;
  readonly notifiers: readonly Notifier[];
  /** All rules that exist, whether switched off or not. */
  readonly declared: readonly Rule[];
  /** The newest results, as they count at this moment. */
  readonly results: () => readonly CheckResult[];
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Lines for the operator's terminal. */
  readonly print: (line: string) => void;
  readonly onError: (error: unknown, where: string) => void;
  /** Nothing is sent and nothing is stored; what would be is printed. */
  readonly dryRun?: boolean;
  /** Absent: no ping is sent and no way is looked at. */
  readonly outside?: OutsideHands;
  /** Why the monitor as a whole does not work at present; undefined while it does. */
  readonly objection?: Objection;
  /** Crash points, for tests. */
  readonly at?: (label: string) => void;
  readonly pace?: { readonly every: Seconds; readonly burst: number };
}

const TICK = seconds(1);
const RETRY_STORE = seconds(5);
const POLL_GESTURES = seconds(10);
const SELF_TEST = seconds(60);
const LOOK_OUTSIDE = seconds(600);
const PRUNE = seconds(3600);
/** How long the journal and settled deliveries are kept. */
const HISTORY = seconds(90 * 86_400);
/** How long a new alert waits for what it explains. */
const GATHER = { critical: seconds(5), warning: seconds(30), info: seconds(300) };

/**
 * COMPOSITION ROOT of everything between a finished check and a message: ledger, desk, channels,
 * mirrors, and the timers that drive them.
 *
 *   take(result) ─► Desk ─ one commit ─► Ledger ─► Channels (a worker each) ─► Slack, e-mail, …
 *                     └────────────────────────────► MirrorFeed ─► Alertmanager
 */
export class Alerting {
  readonly ledger: Ledger;
  readonly desk: Desk;
  readonly #parts: AlertingParts;
  readonly #repeat: Repeat;
  #settings: Settings | undefined;
  #channels: Channels;
  #feed: MirrorFeed;
  #outside: Outside | undefined;
  #scene: ((region: string) => Scene) | undefined;
  #catalogue: Catalogue | undefined;
  readonly #opened: Instant;
  /** The folder of the ledger, for as long as the process lives. */
  readonly #kept: string | undefined;

  private constructor(ledger: Ledger, kept: string | undefined, parts: AlertingParts) {
    this.#parts = parts;
    this.#kept = kept;
    this.ledger = ledger;
    this.#opened = parts.clock.steady();
    this.#repeat = new Repeat(parts.clock, (error, name) => {
      parts.onError(error, `alerting: ${name}`);
    });
    this.#channels = new Channels([], [], this.#channelParts());
    this.#feed = new MirrorFeed([], () => [], parts.clock);
    this.desk = new Desk({
      ledger,
      clock: parts.clock,
      mint: this.mint,
      onStep: (transitions, channels) => {
        this.#channels.wake(channels);
        if (transitions.length > 0) this.#feed.touch();
      },
    });
  }

  /**
   * Opens the store that the configuration names. A store that cannot be had makes the monitor louder,
   * not silent; one that another process has is refused.
   *
   * @throws StoreBusy
   */
  static async open(settings: Settings | undefined, parts: AlertingParts): Promise<Alerting> {
    return new Alerting(await openLedger(settings, parts), settings?.state, parts);
  }

  /** Puts a configuration in force. Attempts under way end first. */
  async configure(config: Config, checks: readonly Check[]): Promise<void> {
    await this.#channels.stop();
    await this.#feed.stop();
    await this.#outside?.stop();
    const { alerting } = config;
    this.#settings = alerting;
    const catalogue = catalogueOf(watchesOf(checks), DEFAULT_TIMERS, this.#parts.declared);
    this.#catalogue = catalogue;
    const configs = alerting?.channels ?? [];
    this.#channels = new Channels(configs, this.#notifiers(), this.#channelParts());
    this.#feed = new MirrorFeed(
      this.#channels.mirrors.map(({ config: { name }, mirror }) => ({ name, mirror })),
      () => this.#mirrored(),
      this.#parts.clock,
    );
    const regions = new Map([
      ...config.regions.map((region) => [region.name, namesOf(region)] as const),
      [MONITOR.name, monitorNames(config, checks, this.#channels.names)],
    ]);
    const scene = (name: string): Scene =>
      sceneOf(
        config.regions.find((region) => region.name === name) ?? MONITOR,
        this.#parts.results,
        catalogue,
        linksOf(config),
        (transition, alert) => remarkOf(transition, alert, this.silences),
      );
    this.#scene = scene;
    this.desk.configure({
      catalogue,
      regions,
      routes: this.#channels.routes,
      scene,
      quiets: (region) => this.#quiets(region),
      gather: ({ severity }) => GATHER[severity],
      elsewhere: () => this.#feed.inCharge,
    });
    this.#outside = this.#openOutside(config);
    this.#channels.start();
    this.#feed.start();
    this.#startTimers();
  }

  /** A check has finished. */
  take(result: CheckResult): void {
    this.desk.take(result);
  }

  get silences(): readonly Silence[] {
    // Only this class writes the document.
    return (this.ledger.document(SILENCES) as readonly Silence[] | undefined) ?? [];
  }

  /** Keeps the silences as they are from now on, and lets the alerts know. */
  keepSilences(silences: readonly Silence[], entry: Entry): void {
    this.ledger.commit({ documents: { [SILENCES]: silences }, journal: [entry] });
    this.desk.tick();
  }

  now(): Instant {
    return this.#parts.clock.now();
  }

  /** A new id. */
  readonly mint = (): string => ulid(this.#parts.clock.now(), randomBytes(10));

  get catalogue(): Catalogue | undefined {
    return this.#catalogue;
  }

  get channels(): Channels {
    return this.#channels;
  }

  get settings(): Settings | undefined {
    return this.#settings;
  }

  /** What the check of the monitor itself is told. */
  facts(): AlertingFacts {
    const { replaced } = this.ledger;
    const wanted = this.#settings?.state;
    const trouble = wanted === this.#kept ? this.ledger.trouble : MOVED;
    return {
      ...this.#outside?.facts(),
      ...(this.#channels.names.length > 0 && {
        delivery: [...this.#channels.facts(), ...this.#feed.facts()],
      }),
      ...(wanted !== undefined && {
        store: {
          durable: trouble === undefined,
          ...(trouble !== undefined && { why: trouble }),
          ...(replaced !== undefined && { replaced: { at: this.#opened, to: replaced.movedTo } }),
        },
      }),
    };
  }

  async stop(): Promise<void> {
    this.#repeat.stop();
    await this.#feed.stop();
    await this.#outside?.stop();
    await this.#channels.stop();
    this.ledger.close();
  }

  #channelParts(): ChannelsParts {
    const { clock, random, print, onError, at, pace } = this.#parts;
    return {
      ledger: this.ledger,
      clock,
      random,
      monitor: this.#settings?.monitor ?? 'maasha',
      print,
      onError,
      ...(at !== undefined && { at }),
      ...(pace !== undefined && { pace }),
    };
  }

  #openOutside(config: Config): Outside | undefined {
    const { outside, clock, notifiers, objection, dryRun } = this.#parts;
    if (outside === undefined || config.alerting === undefined || dryRun === true) return undefined;
    const objections = [() => this.ledger.trouble, objection ?? (() => undefined)];
    return new Outside(
      outsideSetup(config, config.alerting, notifiers, objections),
      outside,
      clock,
    );
  }

  #notifiers(): readonly Notifier[] {
    const { notifiers, dryRun } = this.#parts;
    return dryRun === true ? notifiers.map(rehearsal) : notifiers;
  }

  #quiets(region: string): readonly Quiet[] {
    const windows = this.#settings?.maintenance ?? [];
    return quietsAt(this.silences, windows, region, this.#parts.clock.now());
  }

  /** What the mirrors are shown now. */
  #mirrored(): readonly Mirrored[] {
    const now = { steady: this.#parts.clock.steady(), wall: this.now() };
    return this.desk.states().flatMap((state) => {
      const scene = this.#scene?.(state.region);
      return mirrored(state, now, (alert) =>
        scene === undefined ? {} : annotationsOf(alert, state, scene),
      );
    });
  }

  #startTimers(): void {
    this.#repeat.every('tick', TICK, () => {
      this.desk.tick();
    });
    this.#repeat.every('store', RETRY_STORE, () => {
      this.ledger.retry();
    });
    this.#repeat.every('gestures', POLL_GESTURES, () => heedGestures(this));
    this.#repeat.every('self-test', SELF_TEST, () => this.#channels.retest());
    this.#repeat.every('alert path', LOOK_OUTSIDE, () => this.#outside?.look());
    this.#repeat.every('prune', PRUNE, () => {
      this.#prune();
    });
    void this.#channels.testAll();
    void this.#outside?.look();
  }

  #prune(): void {
    const { clock } = this.#parts;
    this.ledger.prune(instant(clock.now() - HISTORY * 1000));
    const over = new Set(
      expired(this.silences, clock.now(), this.desk.states()).map(({ id }) => id),
    );
    if (over.size > 0)
      this.ledger.commit({
        documents: { [SILENCES]: this.silences.filter(({ id }) => !over.has(id)) },
      });
  }
}
