import type { Check, CheckResult, Trigger } from './check.ts';
import { CheckFailure, FAILURE_CODES } from './failure.ts';
import type { Metric } from './metric.ts';
import { resultJson } from './describe.ts';
import { summarise } from './result.ts';
import { instant, seconds, type Instant } from './time.ts';

/*
 * A finished check as one line of a recording: everything that was seen, nothing that was concluded
 * from it, so that today's rules can judge what was seen then.
 */

/** Which version of the form; a reader refuses what is newer. */
const RECORD_VERSION = 1;

/** A line that holds a result. `at` is when it ended, by the wall clock; `steady` by the other. */
export const resultRecord = (result: CheckResult, at: Instant, steady: Instant) => ({
  record: 'result' as const,
  v: RECORD_VERSION,
  at,
  steady,
  ...resultJson(result),
});

/** A line cannot be read: which field, what was expected. */
export class RecordError extends Error {
  override readonly name = 'RecordError';
}

export interface Recorded {
  readonly at: Instant;
  readonly steady: Instant;
  readonly result: CheckResult;
}

type Loose = Readonly<Record<string, unknown>>;

/**
 * Reads one line and judges it anew by these checks' rules. Undefined for a line of another kind, and
 * for a check that no longer exists; a metric that no longer exists is left out.
 *
 * @param before the result of the same check that came before, for rules with a separate clear threshold
 * @throws RecordError
 */
export function readRecord(
  line: string,
  checks: readonly Check[],
  before: (check: string, region: string) => CheckResult | undefined,
): Recorded | undefined {
  const record = parse(line);
  if (record['record'] !== 'result') return undefined;
  if (record['v'] !== RECORD_VERSION)
    throw new RecordError(`found version ${String(record['v'])}, expected ${RECORD_VERSION}`);
  const check = checks.find(({ name }) => name === record['check']);
  if (check === undefined) return undefined;
  const metrics = new Map(check.metrics.map((metric) => [metric.name, metric]));
  const region = text(record, 'region');
  const header = {
    check: check.name,
    region,
    trigger: text(record, 'trigger') as Trigger,
    startedAt: moment(text(record, 'startedAt')),
    took: seconds(number(record, 'seconds')),
  };
  const at = instant(number(record, 'at'));
  const steady = instant(number(record, 'steady'));
  const failure = record['failure'];
  const standing = before(check.name, region)?.findings ?? [];
  const verdict = summarise(check, notesOf(record, metrics), standing);
  if (typeof failure === 'object' && failure !== null)
    return {
      at,
      steady,
      result: {
        ...header,
        ...verdict,
        findings: [],
        state: 'unknown',
        failure: failureOf(failure),
      },
    };
  return { at, steady, result: { ...header, ...verdict } };
}

function notesOf(record: Loose, metrics: ReadonlyMap<string, Metric>) {
  return [
    ...list(record, 'observations').flatMap((each) => {
      const metric = metrics.get(text(each, 'metric'));
      return metric === undefined
        ? []
        : [
            {
              kind: 'observation' as const,
              metric,
              labels: labels(each),
              value: number(each, 'value'),
            },
          ];
    }),
    ...list(record, 'inapplicable').flatMap((each) => {
      const metric = metrics.get(text(each, 'metric'));
      return metric === undefined
        ? []
        : [{ kind: 'inapplicable' as const, metric, labels: labels(each) }];
    }),
    ...list(record, 'evidence').map((each) => ({
      kind: 'evidence' as const,
      subject: text(each, 'subject'),
      says: text(each, 'says'),
    })),
    ...list(record, 'gaps').map((each) => ({
      kind: 'gap' as const,
      subject: text(each, 'subject'),
      failure: failureOf(each),
    })),
  ];
}

function failureOf(loose: object): CheckFailure {
  const found = loose as Loose;
  const code = FAILURE_CODES.find((each) => each === found['code']) ?? 'internal';
  return new CheckFailure(code, text(found, 'message'));
}

function parse(line: string): Loose {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Loose;
  } catch {
    // The same complaint as for JSON that is something else.
  }
  throw new RecordError('expected a JSON object on each line');
}

function text(from: Loose, field: string): string {
  const value = from[field];
  if (typeof value === 'string') return value;
  throw new RecordError(`${field}: expected text`);
}

function number(from: Loose, field: string): number {
  const value = from[field];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new RecordError(`${field}: expected a number`);
}

function moment(iso: string): Instant {
  // eslint-disable-next-line no-restricted-globals -- only reads the moment that it is given
  const found = Date.parse(iso);
  if (Number.isFinite(found)) return instant(found);
  throw new RecordError('startedAt: expected a time in ISO 8601');
}

const list = (from: Loose, field: string): readonly Loose[] => {
  const value = from[field];
  return Array.isArray(value)
    ? value.filter((each): each is Loose => typeof each === 'object' && each !== null)
    : [];
};

const labels = (from: Loose): Readonly<Record<string, string>> => {
  const value = from['labels'];
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)]))
    : {};
};
