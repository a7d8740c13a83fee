import { join } from 'node:path';
import { Server, start, type Wanted } from './prometheus-process.ts';

/*
 * Debian's own Prometheus and Alertmanager as servers of a test, and what their APIs say.
 *
 *   const prometheus = await startPrometheus({ config: { scrape_configs: [...] } });
 *   await prometheus.query('up == 1');
 *   await prometheus.stop();
 */

export { noPrometheus } from './prometheus-process.ts';

/** The labels of a series with the value that it has at a time (milliseconds since the Unix epoch). */
export interface Point {
  readonly labels: Readonly<Record<string, string>>;
  readonly at: number;
  readonly value: number;
}

export interface Line {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

/** As `/api/v1/targets` has it. */
export interface Target {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

/** An alert of Prometheus, as `/api/v1/alerts` has it. */
export interface RuledAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
  readonly activeAt: string;
  readonly value: string;
}

/** As `/api/v1/rules` has it. */
export interface EvaluatedRule {
  readonly name: string;
  readonly type: 'alerting' | 'recording';
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly alerts?: readonly RuledAlert[];
  /** Seconds that it took, and when: RFC 3339. */
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

/** An alert of Alertmanager, as `/api/v2/alerts` has it. */
export interface PagedAlert {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: {
    readonly state: 'unprocessed' | 'active' | 'suppressed';
    readonly inhibitedBy: readonly string[];
    readonly silencedBy: readonly string[];
  };
}

/** What the API answers with `status: success`. */
interface Answer<Data> {
  readonly status: 'success' | 'error';
  readonly data: Data;
  readonly error?: string;
}

type Raw = readonly [seconds: number, value: string];

interface Result {
  readonly resultType: 'vector' | 'matrix' | 'scalar' | 'string';
  readonly result: unknown;
}

const point = ([seconds, value]: Raw): { at: number; value: number } => ({
  at: Math.round(seconds * 1000),
  // As Prometheus writes what no number of JSON is.
  value: Number(value.replace(/Inf$/, 'Infinity')),
});

const inSeconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3);

/** A running Prometheus. */
export class Prometheus extends Server {
  async #api<Data>(path: string, form: URLSearchParams | undefined, what: string): Promise<Data> {
    const { status, body } = await this.ask(`/api/v1/${path}`, form);
    let answer: Answer<Data>;
    try {
      answer = JSON.parse(body) as Answer<Data>;
    } catch {
      throw new Error(`${what}: Prometheus answered ${status}: ${body.slice(0, 200)}`);
    }
    if (answer.status !== 'success') throw new Error(`${what}: ${answer.error ?? String(status)}`);
    return answer.data;
  }

  /** What an expression comes to at a time (now). @throws Error with the expression. */
  async query(expr: string, at?: number): Promise<readonly Point[]> {
    const form = new URLSearchParams({ query: expr });
    if (at !== undefined) form.set('time', inSeconds(at));
    const { resultType, result } = await this.#api<Result>('query', form, expr);
    if (resultType === 'vector')
      return (result as { metric: Point['labels']; value: Raw }[]).map(({ metric, value }) => ({
        labels: metric,
        ...point(value),
      }));
    if (resultType === 'scalar') return [{ labels: {}, ...point(result as Raw) }];
    throw new Error(`${expr}: a ${resultType}, which has no value at a time`);
  }

  /** What an expression came to over a time; all in milliseconds. @throws Error with the expression. */
  async queryRange(
    expr: string,
    { from, to, step }: { readonly from: number; readonly to: number; readonly step: number },
  ): Promise<readonly Line[]> {
    const form = new URLSearchParams({
      query: expr,
      start: inSeconds(from),
      end: inSeconds(to),
      step: inSeconds(step),
    });
    const { result } = await this.#api<Result>('query_range', form, expr);
    return (result as { metric: Line['labels']; values: Raw[] }[]).map(({ metric, values }) => ({
      labels: metric,
      points: values.map(point),
    }));
  }

  /** The values of a label on the series that match; all series without a selector. */
  labelValues(label: string, selector?: string): Promise<readonly string[]> {
    const match = selector === undefined ? '' : `?match[]=${encodeURIComponent(selector)}`;
    return this.#api(`label/${label}/values${match}`, undefined, `values of ${label}`);
  }

  async targets(): Promise<readonly Target[]> {
    const what = 'targets';
    return (await this.#api<{ activeTargets: Target[] }>(what, undefined, what)).activeTargets;
  }

  /** Every rule of every group. */
  async rules(): Promise<readonly EvaluatedRule[]> {
    const { groups } = await this.#api<{ groups: { rules: EvaluatedRule[] }[] }>(
      'rules',
      undefined,
      'rules',
    );
    return groups.flatMap(({ rules }) => rules);
  }

  /** The alerts that are pending or firing. */
  async alerts(): Promise<readonly RuledAlert[]> {
    return (await this.#api<{ alerts: RuledAlert[] }>('alerts', undefined, 'alerts')).alerts;
  }
}

/** A running Alertmanager. */
export class Alertmanager extends Server {
  /** The alerts that it has, also those that are inhibited or silenced. */
  async alerts(): Promise<readonly PagedAlert[]> {
    return JSON.parse((await this.ask('/api/v2/alerts')).body) as PagedAlert[];
  }
}

/** Starts a Prometheus and waits until it is ready. @throws Error when it is not installed or refuses. */
export const startPrometheus = (wanted: Wanted): Promise<Prometheus> =>
  start(
    'prometheus',
    wanted,
    (folder) => [`--storage.tsdb.path=${join(folder, 'data')}`, '--web.enable-lifecycle'],
    (...made) => new Prometheus(...made),
  );

/** Starts an Alertmanager, in no cluster unless its arguments say so, and waits until it is ready. */
export const startAlertmanager = (wanted: Wanted): Promise<Alertmanager> =>
  start(
    'alertmanager',
    wanted,
    (folder) => [`--storage.path=${join(folder, 'data')}`, '--cluster.listen-address='],
    (...made) => new Alertmanager(...made),
  );
