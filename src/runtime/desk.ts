import type { Catalogue } from '../../alerts/catalogue.ts';
import { isForPeople, noticeOf, presentNotice, type Scene } from '../../alerts/incident.ts';
import { step, type Input } from '../../alerts/lifecycle.ts';
import type { Notice } from '../../alerts/notice.ts';
import type { Delivery } from '../../alerts/outbox/delivery.ts';
import { plan, refreshed, type Route } from '../../alerts/outbox/plan.ts';
import {
  isStanding,
  noAlerts,
  resume,
  type Alerts,
  type Names,
  type Now,
} from '../../alerts/state.ts';
import { transitionsOf, type Transition } from '../../alerts/transition.ts';
import type { Quiet } from '../../alerts/visibility.ts';
import type { CheckResult } from '../core/check.ts';
import { seconds, type Clock, type Seconds } from '../core/time.ts';
import type { Ledger } from '../store/ledger.ts';
import type { Entry } from '../store/store.ts';

/** What one configuration means for the alerts. */
export interface DeskSetup {
  readonly catalogue: Catalogue;
  /** By region, the monitor's own included: the names that its labels may have. */
  readonly regions: ReadonlyMap<string, Names>;
  readonly routes: readonly Route[];
  readonly scene: (region: string) => Scene;
  /** The silences and windows in force for a region at this moment. */
  readonly quiets: (region: string) => readonly Quiet[];
  /** How long a new alert of a severity waits for what it explains, before it is sent. */
  readonly gather: (notice: Notice) => Seconds;
  /** Somebody else tells people at present: an Alertmanager in charge. */
  readonly elsewhere: () => boolean;
}

export interface DeskParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly mint: () => string;
  /** After each step that came to something, when it is durable. */
  readonly onStep: (transitions: readonly Transition[], channels: ReadonlySet<string>) => void;
}

/** What a person's doing stores besides what comes of it. */
interface Extra {
  readonly documents?: Readonly<Record<string, unknown>>;
  readonly entry: Entry;
}

/** What one step came to. */
interface Made {
  readonly state: Alerts;
  readonly transitions: readonly Transition[];
  readonly deliveries: readonly Delivery[];
  readonly documents: Readonly<Record<string, unknown>>;
  readonly extra?: Extra;
}

const hasNews = ({ transitions, deliveries, extra }: Made): boolean =>
  transitions.length > 0 || deliveries.length > 0 || extra !== undefined;

/** Where a check's memory of a region is kept. */
export const memoryDocument = (region: string, check: string): string =>
  `memory/${region}/${check}`;

/** What the check wants to be given back survives along with what came of its run. */
const memoryIn = (input: Input): Readonly<Record<string, unknown>> =>
  input.is === 'round' && input.result.memory !== undefined
    ? { [memoryDocument(input.result.region, input.result.check)]: input.result.memory }
    : {};

/** A state in which nothing has happened is stored no more often than this. */
const STORE_EVERY = seconds(30);

const documentOf = (region: string): string => `alerts/${region}`;

/** Rules about a channel's own trouble: they are told through the others. */
const ABOUT_A_CHANNEL = 'channel';

/**
 * Where facts become messages.
 *
 *   check.completed, time, a person ─► life cycle ─► transitions ─► notices ─► deliveries
 *                                                       └──────── one commit ──────┘
 *
 * All of one step becomes durable together, before any of it is sent; only then does it count.
 */
export class Desk {
  readonly #parts: DeskParts;
  readonly #states = new Map<string, Alerts>();
  readonly #stored = new Map<string, number>();
  #setup: DeskSetup | undefined;
  /** An Alertmanager told people when it was looked at last. */
  #wasElsewhere = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Puts a configuration in force: what is watched no longer is retired, what was stored goes on. */
  configure(setup: DeskSetup): void {
    this.#setup = setup;
    const { ledger } = this.#parts;
    for (const [region, names] of setup.regions) {
      if (!this.#states.has(region)) {
        const stored = ledger.document(documentOf(region));
        const now = this.#now();
        this.#states.set(
          region,
          // Only this class writes the document.
          stored === undefined ? noAlerts(region, now) : resume(stored as Alerts, now),
        );
      }
      this.#step(region, { is: 'configured', names });
    }
    for (const region of [...this.#states.keys()])
      if (!setup.regions.has(region)) this.#abandon(region);
  }

  /** A check has finished. */
  take(result: CheckResult): void {
    this.#step(result.region, { is: 'round', result });
  }

  /** Time has passed. */
  tick(): void {
    for (const region of this.#states.keys()) this.#step(region, { is: 'tick' });
    const elsewhere = this.#setup?.elsewhere() ?? false;
    if (this.#wasElsewhere && !elsewhere)
      for (const region of this.#states.keys()) this.#takeOver(region);
    this.#wasElsewhere = elsewhere;
  }

  /** Whoever told people does so no more: what goes on is told from here, to whom it was not told yet. */
  #takeOver(region: string): void {
    const [setup, state] = [this.#setup, this.#states.get(region)];
    if (setup === undefined || state === undefined) return;
    const said = { kind: 'open', reason: 'whoever else told people does so no more' } as const;
    const transitions = Object.values(state.alerts)
      .filter(isStanding)
      .filter(({ visibility, episode }) => visibility.is === 'visible' && episode.told === 'open')
      .flatMap((alert) => transitionsOf(alert, [said], state.wall));
    const deliveries = [
      ...this.#deliveries(transitions, state, setup.scene(region), setup).values(),
    ];
    if (deliveries.length === 0) return;
    this.#keep(region, { state, transitions, deliveries, documents: {} });
    this.#parts.onStep(transitions, new Set(deliveries.map(({ channel }) => channel)));
  }

  /** A person's doing; `extra` is stored with what comes of it. */
  command(
    region: string,
    input: Extract<Input, { is: 'acknowledge' | 'unacknowledge' | 'tick' }>,
    extra: Extra,
  ): readonly Transition[] {
    return this.#step(region, input, extra);
  }

  states(): readonly Alerts[] {
    return [...this.#states.values()];
  }

  state(region: string): Alerts | undefined {
    return this.#states.get(region);
  }

  /** The region itself is gone from the configuration: nothing of it is watched any more. */
  #abandon(region: string): void {
    const setup = this.#setup;
    if (setup === undefined) return;
    const nothing = { ...setup, catalogue: { ...setup.catalogue, rules: new Map() } };
    this.#setup = nothing;
    this.#step(region, { is: 'configured', names: {} });
    this.#setup = setup;
    this.#states.delete(region);
    this.#parts.ledger.commit({ documents: { [documentOf(region)]: undefined } });
  }

  #now(): Now {
    const { clock } = this.#parts;
    return { steady: clock.steady(), wall: clock.now() };
  }

  #step(region: string, input: Input, extra?: Extra): readonly Transition[] {
    const setup = this.#setup;
    const before = this.#states.get(region);
    if (setup === undefined || before === undefined) return [];
    const { catalogue, quiets } = setup;
    const now = this.#now();
    const means = { now, catalogue, mint: this.#parts.mint, quiets: quiets(region) };
    const { state, transitions } = step(before, input, means);
    const scene = setup.scene(region);
    const deliveries = this.#deliveries(transitions, state, scene, setup);
    const made: Made = {
      state,
      transitions,
      deliveries: [...deliveries.values()],
      documents: memoryIn(input),
      ...(extra !== undefined && { extra }),
    };
    const isNews = hasNews(made);
    const stored = this.#stored.get(region) ?? 0;
    const isDue = isNews || input.is !== 'tick' || now.steady - stored >= STORE_EVERY * 1000;
    if (isDue) this.#keep(region, made);
    this.#states.set(region, state);
    if (isNews)
      this.#parts.onStep(transitions, new Set(made.deliveries.map(({ channel }) => channel)));
    return transitions;
  }

  /** All of one step in one commit. */
  #keep(region: string, { state, transitions, deliveries, documents, extra }: Made): void {
    this.#parts.ledger.commit({
      documents: { ...documents, ...extra?.documents, [documentOf(region)]: state },
      deliveries,
      journal: [
        ...(extra === undefined ? [] : [extra.entry]),
        ...transitions.map((transition) => entryOf(region, transition)),
      ],
    });
    this.#stored.set(region, state.steady);
  }

  /** New and changed deliveries by id. A later notice of the same step sees those of the earlier ones. */
  #deliveries(
    transitions: readonly Transition[],
    state: Alerts,
    scene: Scene,
    setup: DeskSetup,
  ): ReadonlyMap<string, Delivery> {
    const changed = new Map<string, Delivery>();
    const ofEpisode = (episode: string): readonly Delivery[] => {
      const known = this.#parts.ledger.deliveriesOfEpisode(episode);
      const fresh = [...changed.values()].filter((each) => each.episode === episode);
      const ids = new Set(fresh.map(({ id }) => id));
      return [...known.filter(({ id }) => !ids.has(id)), ...fresh];
    };
    for (const transition of transitions.filter(isForPeople)) {
      const notice = noticeOf(transition, state, scene);
      if (notice === undefined) continue;
      const rows = plan(notice, {
        routes: routesFor(notice, setup.routes),
        deliveries: ofEpisode(notice.episode.id),
        now: state.wall,
        gather: setup.gather(notice),
        elsewhere: setup.elsewhere(),
      });
      for (const row of rows) changed.set(row.id, row);
    }
    for (const row of this.#waiting(state, scene, ofEpisode)) changed.set(row.id, row);
    return changed;
  }

  /** What waits to be sent for the first time is kept up to date, so that what it explains is in it. */
  #waiting(
    state: Alerts,
    scene: Scene,
    ofEpisode: (episode: string) => readonly Delivery[],
  ): readonly Delivery[] {
    return Object.values(state.alerts).flatMap(({ episode, fingerprint }) =>
      episode?.told !== 'open'
        ? []
        : ofEpisode(episode.id).flatMap((delivery) => {
            if (delivery.stage !== 'queued' || delivery.attempts > 0) return [];
            const notice = presentNotice(delivery.notice, state, scene, fingerprint);
            return (notice && refreshed(delivery, notice)) ?? [];
          }),
    );
  }
}

const routesFor = ({ labels }: Notice, routes: readonly Route[]): readonly Route[] =>
  routes.length < 2 ? routes : routes.filter(({ channel }) => channel !== labels[ABOUT_A_CHANNEL]);

/** A transition as the journal keeps it. */
const entryOf = (region: string, transition: Transition): Entry => ({
  at: transition.at,
  region,
  fingerprint: transition.fingerprint,
  ...(transition.episode !== undefined && { episode: transition.episode.id }),
  what: 'transition',
  says: { ...transition },
});
