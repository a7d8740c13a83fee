import type { State } from '../../core/check.ts';
import type { Severity } from '../../core/rule.ts';

/**
 * How good something is. `none` judges nothing (a role, something switched off), and `unknown` is neither
 * good nor bad: it must never look like either.
 */
export type Sign = 'bad' | 'warning' | 'unknown' | 'good' | 'none';

/** One thing that is shown of something, in words. */
export interface Fact {
  readonly topic: string;
  readonly says: string;
  readonly sign: Sign;
}

/** The sign as a word, for who sees neither colour nor shape. */
export const WORDS: Readonly<Record<Sign, string>> = {
  bad: 'critical',
  warning: 'warning',
  unknown: 'not known',
  good: 'ok',
  none: 'not judged',
};

export const SIGN_OF_STATE: Readonly<Record<State, Sign>> = {
  critical: 'bad',
  warning: 'warning',
  unknown: 'unknown',
  ok: 'good',
  skipped: 'none',
};

export const SIGN_OF_SEVERITY: Readonly<Record<Severity, Sign>> = {
  critical: 'bad',
  warning: 'warning',
  info: 'none',
};

const ORDER: readonly Sign[] = ['bad', 'warning', 'unknown', 'good', 'none'];

/** The lower, the worse. */
export const rankOf = (sign: Sign): number => ORDER.indexOf(sign);

export const worstSign = (signs: Iterable<Sign>): Sign =>
  [...signs].reduce<Sign>((a, b) => (rankOf(b) < rankOf(a) ? b : a), 'none');

export const NOT_KNOWN = 'not known';

export const fact = (topic: string, sign: Sign, says: string): Fact => ({ topic, says, sign });

/** What a sample of 1 and one of 0 mean; without a sample it is not known. */
export const eitherOr = (
  topic: string,
  value: number | undefined,
  yes: readonly [Sign, string],
  no: readonly [Sign, string],
): Fact =>
  value === undefined
    ? fact(topic, 'unknown', NOT_KNOWN)
    : fact(topic, ...(value === 1 ? yes : no));
