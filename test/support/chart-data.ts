import type { AnnotationQuery, Dashboard, Panel, Series, Span, Target } from './chart-model.ts';

/* Asks a Prometheus what Grafana would ask it for a dashboard. */

type Raw = readonly [at: number, value: string];

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: Raw;
      readonly values?: readonly Raw[];
    }[];
  };
}

/** What is chosen for the variables of a dashboard; all values of those that are not named. */
export type Choice = Readonly<Record<string, string>>;

/** An expression with its variables as Grafana fills them in. */
export function filledIn(
  expr: string,
  { templating }: Pick<Dashboard, 'templating'>,
  { step }: Pick<Span, 'step'>,
  choice: Choice = {},
): string {
  const own = (templating?.list ?? []).map(({ name }) => name);
  const range = `${Math.max(4 * 15, step + 15)}s`;
  return expr
    .replaceAll(/\$\{?__rate_interval\}?/g, range)
    .replaceAll(/\$\{?__interval\}?/g, `${step}s`)
    .replaceAll(/\$\{?(\w+)\}?/g, (whole, name: string) =>
      own.includes(name) ? (choice[name] ?? '.*') : whole,
    );
}

const legend = (format: string, labels: Readonly<Record<string, string>>): string =>
  format.replaceAll(/\{\{\s*(\w+)\s*\}\}/g, (_, label: string) => labels[label] ?? '');

/** Executes queries of one dashboard over one time. */
export class Asker {
  readonly #url: string;
  readonly #dashboard: Dashboard;
  readonly #span: Span;
  readonly #choice: Choice;
  /** How many queries were executed, and how many series came. */
  readonly count = { queries: 0, series: 0 };

  constructor(url: string, dashboard: Dashboard, span: Span, choice: Choice = {}) {
    this.#choice = choice;
    this.#url = url.replace(/\/+$/, '');
    this.#dashboard = dashboard;
    this.#span = span;
  }

  /** All series of a panel. @throws Error with the query that failed. */
  async panel({ targets = [] }: Panel): Promise<readonly Series[]> {
    return (await Promise.all(targets.map((target) => this.#series(target)))).flat();
  }

  /** The times of an annotation: runs of samples that are not 0. */
  async events({ expr }: AnnotationQuery): Promise<readonly { from: number; to: number }[]> {
    const { step } = this.#span;
    const found = await this.#series({ expr, refId: 'Anno' });
    return found.flatMap(({ points }) => {
      const runs: { from: number; to: number }[] = [];
      for (const { at, value } of points) {
        const last = runs.at(-1);
        if (value === 0) continue;
        if (last !== undefined && at - last.to <= step) last.to = at;
        else runs.push({ from: at, to: at });
      }
      return runs;
    });
  }

  async #series({ expr, refId, legendFormat = '', instant }: Target): Promise<readonly Series[]> {
    const { from, to, step } = this.#span;
    const query = filledIn(expr, this.#dashboard, this.#span, this.#choice);
    const [path, when]: [string, Record<string, string>] =
      instant === true
        ? ['query', { time: String(to) }]
        : ['query_range', { start: String(from), end: String(to), step: String(step) }];
    const body = new URLSearchParams({ query, ...when });
    const response = await fetch(`${this.#url}/api/v1/${path}`, { method: 'POST', body });
    const answer = (await response.json()) as Answer;
    if (answer.status !== 'success') throw new Error(`${answer.error ?? ''}\n${query}`);
    const { result } = answer.data;
    this.count.queries += 1;
    this.count.series += result.length;
    return result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      refId,
      name: legend(legendFormat, metric),
      labels: metric,
      points: values.map(([at, text]) => ({ at, value: Number(text.replace('Inf', 'Infinity')) })),
    }));
  }
}
