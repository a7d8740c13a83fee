import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Notifier } from '../../alerts/notifier.ts';
import type { Config } from '../config/load.ts';
import type { Check, CheckResult } from '../core/check.ts';
import type { MonitorFacts } from '../core/ports/monitor.ts';
import type { World } from '../core/ports/ports.ts';
import type { Secret } from '../core/secret.ts';
import { resultRecord } from '../core/record.ts';
import { seconds, type Clock, type Seconds } from '../core/time.ts';
import { FlightRecorder } from '../store/flight.ts';
import { alertSamples } from './alert-metrics.ts';
import { Alerting } from './alerting.ts';
import { apiRoutes } from './api.ts';
import { serviceToken } from './api-token.ts';
import { Bus } from './bus.ts';
import { pushedFacts } from './facts/pushed.ts';
import { asOfNow, lifetimes } from './freshness.ts';
import { allMetrics } from './catalogue.ts';
import { ClockWatch } from './clock-watch.ts';
import { memoryDocument } from './desk.ts';
import { customise } from './customise.ts';
import type { Means } from './invoke.ts';
import { Latest } from './latest.ts';
import type { OutsideHands } from './outside.ts';
import { OverdueWatch } from './overdue.ts';
import { absentees, plan } from './plan.ts';
import { StatusPage } from './page/status-page.ts';
import { Recorder } from './recorder.ts';
import { routes } from './routes.ts';
import { Runner } from './runner.ts';
import { longestInterval, Schedule, type Planned } from './schedule.ts';
import { followConfig, watchedChecks, withFacts } from './self.ts';
import { HttpServer } from './server.ts';

/** What a monitor is made of; everything that touches the world is handed in. */
export interface Parts {
  readonly title: string;
  readonly version: string;
  readonly checks: readonly Check[];
  readonly clock: Clock;
  readonly world: World;
  readonly onError: (error: unknown, where: string) => void;
  /** The kinds of channels that are installed. */
  readonly notifiers?: readonly Notifier[];
  /** The way to what is outside of the regions. */
  readonly outside?: OutsideHands;
  /** Nothing is sent and nothing is kept; what would be sent is printed. */
  readonly dryRun?: boolean;
  /** Lines for the operator's terminal. */
  readonly print?: (line: string) => void;
}

/** What one configuration sets in motion, and what ends with it. */
interface Active {
  readonly config: Config;
  readonly checks: readonly Check[];
  readonly planned: readonly Planned[];
  /** How long a result of each check may be shown as the present. */
  readonly lifetimes: ReadonlyMap<string, Seconds>;
  readonly runner: Runner;
  readonly schedule: Schedule;
  readonly overdue: OverdueWatch;
}

/**
 * COMPOSITION ROOT of the service. Data in: a configuration and the catalogue. Data out: events on
 * the bus and the HTTP face.
 *
 *   Schedule ─ check.requested ─► Runner ─ invoke ─► check.completed ─► Recorder, Alerting, OverdueWatch, …
 */
export class Monitor {
  readonly bus: Bus;
  readonly latest = new Latest();
  readonly #parts: Parts;
  readonly #life = new AbortController();
  readonly #server: HttpServer;
  readonly #recorder: Recorder;
  readonly #page: StatusPage;
  readonly #world: World;
  readonly #config: () => MonitorFacts['config'];
  #active: Active | undefined;
  #alerting: Alerting | undefined;
  #flight: FlightRecorder | undefined;
  /** Who may use the operator's verbs; undefined: nobody. */
  #token: Secret | undefined;
  #clockWatch: ClockWatch | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    allMetrics(parts.checks);
    this.bus = new Bus((error, event) => {
      parts.onError(error, event.type);
    });
    const pushed = pushedFacts({
      bus: this.bus,
      clock: parts.clock,
      ledger: () => this.#alerting?.ledger,
      token: () => this.#token,
      active: () => this.#active,
    });
    this.#world = pushed.world(withFacts(parts.world, () => this.#facts()));
    this.#config = followConfig(this.bus);
    this.bus.on('check.completed', ({ result }) => {
      this.#flight?.write(resultRecord(result, parts.clock.now(), parts.clock.steady()));
      this.#alerting?.take(result);
    });
    this.#recorder = new Recorder(this.bus, parts.clock, {
      version: parts.version,
      results: () => this.latest.all().map(this.#present),
      alerts: () => (this.#alerting === undefined ? [] : alertSamples(this.#alerting)),
      overdue: () => this.#active?.overdue.overdue() ?? [],
    });
    this.#page = new StatusPage({
      ...parts,
      bus: this.bus,
      sources: () => this.#sources(),
      alerting: () => this.#alerting,
    });
    this.#server = new HttpServer(
      {
        ...this.#page.places,
        ...routes(() => this.#sources()),
        ...apiRoutes(
          () => this.#alerting,
          () => this.#token,
        ),
        ...pushed.routes(),
      },
      parts.onError,
    );
  }

  /** Serves, announces where, and starts to watch. @throws when the address cannot be listened on. */
  async start(
    config: Config,
    announce: (address: string) => void = () => undefined,
  ): Promise<string> {
    this.#clockWatch = new ClockWatch(this.#parts.clock);
    try {
      const address = await this.#server.listen(config.listen);
      this.#alerting = await this.#openAlerting(config);
      this.#flight = this.#openFlight(config);
      announce(address);
      await this.#activate(config);
      return address;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Puts another configuration in force. Runs under way end first; what was seen and remembered stays. */
  async reload(config: Config): Promise<void> {
    await this.#quiesce();
    const wanted = plan(customise(this.#parts.checks, config.checks), config.regions);
    this.latest.keep((result) =>
      wanted.some(
        ({ check, region }) => check.name === result.check && region.name === result.region,
      ),
    );
    await this.#activate(config);
  }

  async stop(): Promise<void> {
    this.#life.abort(new Error('the monitor was stopped'));
    await this.#quiesce();
    this.#page.stop();
    await this.#alerting?.stop();
    this.#clockWatch?.stop();
    await this.#server.close();
    await this.#parts.world.close();
  }

  #openAlerting({ alerting }: Config): Promise<Alerting> {
    const { clock, checks, notifiers = [], print, onError, dryRun, outside } = this.#parts;
    return Alerting.open(alerting, {
      clock,
      notifiers,
      declared: [...new Set(checks.flatMap(({ rules }) => rules))],
      results: () => this.latest.all().map(this.#present),
      random: chance,
      print: print ?? (() => undefined),
      onError,
      objection: () => this.#objection(),
      ...(outside !== undefined && { outside }),
      ...(dryRun !== undefined && { dryRun }),
    });
  }

  /** What the checks of an earlier process wanted to be given back. */
  #recall(planned: readonly Planned[]): void {
    for (const { check, region } of planned) {
      const memory = this.#alerting?.ledger.document(memoryDocument(region.name, check.name));
      if (memory !== undefined) this.latest.remember(check.name, region.name, memory);
    }
  }

  /** What is seen is recorded wherever alerts are kept. */
  #openFlight({ alerting }: Config): FlightRecorder | undefined {
    const { clock, dryRun, print = () => undefined } = this.#parts;
    if (alerting?.state === undefined || dryRun === true) return undefined;
    return new FlightRecorder({ folder: join(alerting.state, 'flight'), clock, onTrouble: print });
  }

  /** Why nobody outside may be told that all is well here. */
  #objection(): string | undefined {
    const active = this.#active;
    if (active === undefined) return 'the monitor is just starting';
    const late = active.overdue.overdue();
    const scheduled = active.planned.filter(({ check }) => check.needs === undefined);
    return late.length > 0 && late.length >= scheduled.length
      ? 'no check completes any more'
      : undefined;
  }

  async #activate(config: Config): Promise<void> {
    const { clock } = this.#parts;
    const checks = customise(this.#parts.checks, config.checks);
    const planned = plan(checks, config.regions);
    await this.#alerting?.configure(config, checks);
    // What does not exist any more in a region has no alerts there.
    for (const region of config.regions)
      for (const absent of Object.values(absentees(checks, region, clock.now())))
        this.#alerting?.take(absent);
    this.#token = serviceToken(config.alerting, this.#parts);
    this.#recall(planned);
    // Somebody may have stopped the monitor meanwhile.
    if (this.#life.signal.aborted) return;
    // In force before anything is asked for: the first run of all may look at it.
    this.#active = {
      config,
      checks,
      planned,
      lifetimes: lifetimes(checks),
      runner: new Runner(checks, this.bus, this.latest, this.#means(), this.#present),
      overdue: new OverdueWatch(planned, longestInterval, this.bus, clock),
      schedule: new Schedule(planned, this.bus, clock),
    };
    this.bus.publish({ type: 'config.loaded', accepted: true, problems: [] });
    for (const { check, region } of planned)
      if (check.needs === undefined)
        this.bus.publish({ type: 'check.requested', check, region, trigger: 'startup' });
  }

  /** No new runs, and none under way; what the last configuration showed stays visible. */
  async #quiesce(): Promise<void> {
    this.#active?.overdue.stop();
    await this.#active?.schedule.stop();
    await this.#active?.runner.stop();
  }

  #means(): Means {
    return { clock: this.#parts.clock, world: this.#world, signal: this.#life.signal };
  }

  /** What the monitor knows of itself at this moment. */
  #facts(): MonitorFacts | undefined {
    const active = this.#active;
    if (active === undefined) return undefined;
    return {
      checks: watchedChecks(active.planned, active.overdue),
      clock: { jumps: this.#clockWatch?.jumps() ?? [] },
      config: this.#config(),
      ...this.#alerting?.facts(),
    };
  }

  readonly #present = (result: CheckResult): CheckResult =>
    asOfNow(
      result,
      this.#parts.clock.now(),
      this.#active?.lifetimes.get(result.check) ?? seconds(0),
    );

  #sources() {
    const active = this.#active;
    if (active === undefined) return undefined;
    return {
      checks: active.checks,
      regions: active.config.regions,
      planned: active.planned,
      latest: this.latest,
      results: this.latest.all().map(this.#present),
      recorder: this.#recorder,
      overdue: active.overdue,
      clock: this.#parts.clock,
      means: this.#means(),
    };
  }
}

/** From 0 up to 1: nobody is to foresee when a pause ends, so that two monitors do not keep step. */
const chance = (): number => randomBytes(4).readUInt32BE() / 2 ** 32;
