import type { DeliveryFailure } from '../notifier.ts';

/** What Slack says of one call: data that nobody has looked at yet, or a failure with Slack's own code. */
export type Answer =
  | { readonly is: 'ok'; readonly data: Fields }
  | { readonly is: 'no'; readonly code: string | undefined; readonly failure: DeliveryFailure };

export type Fields = Readonly<Record<string, unknown>>;

/** One call of Slack's Web API, handed in. It does not throw what Slack answers. */
export type Call = (method: string, given: Fields, signal: AbortSignal) => Promise<Answer>;

/** The data of an answer. @throws DeliveryFailure when it has none. */
export function dataOf(answer: Answer): Fields {
  if (answer.is === 'no') throw answer.failure;
  return answer.data;
}

/** A part of an answer, empty when it is none. */
export const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

export const list = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map(fields) : [];

export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
