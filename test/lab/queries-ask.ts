import type { Line, Point, Prometheus } from '../support/prometheus.ts';
import { filled, type Asked, type Filling } from './queries-panels.ts';

/** What came of an expression at a moment. */
export interface Outcome {
  readonly dashboard: string;
  readonly from: Asked['from'];
  readonly title: string;
  readonly refId: string;
  /** Of the moment: each series, with its value as the panel shows it. */
  readonly shown: readonly Shown[];
  /** Series of the time so far. */
  readonly lines: number;
  /** Series of the moment with the variables set to everything. */
  readonly everywhere: number;
  /** Why it could not be executed. */
  readonly error?: string;
}

export interface Shown {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly text: string;
}

/** When, and of what, the expressions are asked. */
export interface Question {
  /** The moment: milliseconds since the Unix epoch. */
  readonly at: number;
  /** When the time before it began; without it, only the moment is asked for. */
  readonly since?: number;
  /** The variables set to what is looked at. */
  readonly one: Filling;
  /** The variables set to everything; without it, that is not asked for. */
  readonly all?: Filling;
}

/** So many points has a line at most. */
const POINTS = 200;
const LEAST_STEP = 5_000;
/** So many expressions are asked at once. */
const TOGETHER = 4;

/** Variables of Grafana's own, for a panel over this time from a data source with the delivered interval. */
function builtIn({ at, since = at }: Question): Filling {
  const range = Math.max(60, Math.round((at - since) / 1000));
  return {
    __rate_interval: '1m',
    __interval: '15s',
    __range: `${range}s`,
    __range_s: String(range),
  };
}

/** Executes every expression: for the moment and for the time so far. What cannot be executed says why. */
export async function askAll(
  prometheus: Prometheus,
  asked: readonly Asked[],
  question: Question,
): Promise<readonly Outcome[]> {
  const outcomes = new Array<Outcome>(asked.length);
  const left = [...asked.entries()].reverse();
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop())
      outcomes[next[0]] = await ask(prometheus, next[1], question);
  };
  await Promise.all(Array.from({ length: TOGETHER }, worker));
  return outcomes;
}

async function ask(prometheus: Prometheus, asked: Asked, question: Question): Promise<Outcome> {
  const { dashboard, from, title, refId } = asked;
  const identity = { dashboard, from, title, refId };
  try {
    const { points, lines, everywhere } = await answers(prometheus, asked, question);
    const shown = points.map((point) => ({ ...point, text: textOf(point, asked) }));
    return { ...identity, shown, lines: lines.length, everywhere: everywhere.length };
  } catch (error) {
    const reason = (error as Error).message;
    return { ...identity, shown: [], lines: 0, everywhere: 0, error: reason };
  }
}

interface Answers {
  readonly points: readonly Point[];
  readonly lines: readonly Line[];
  readonly everywhere: readonly Point[];
}

async function answers(prometheus: Prometheus, asked: Asked, question: Question): Promise<Answers> {
  const { at, since, one, all } = question;
  const grafana = builtIn(question);
  const expr = filled(asked, { ...grafana, ...one });
  const points = await prometheus.query(expr, at);
  return {
    points,
    lines: since === undefined ? [] : await prometheus.queryRange(expr, stepped(since, at)),
    everywhere:
      all === undefined
        ? points
        : await prometheus.query(filled(asked, { ...grafana, ...all }), at),
  };
}

const stepped = (from: number, to: number): { from: number; to: number; step: number } => ({
  from,
  to,
  step: Math.max(LEAST_STEP, Math.ceil((to - from) / POINTS / 1000) * 1000),
});

/** In the words of the panel; a number with no more digits than carry meaning. */
function textOf({ value }: Point, { words }: Asked): string {
  const word = words[String(value)];
  if (word !== undefined) return word;
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}
