import { wordsOf } from './failure.ts';
import type { Change } from './store.ts';

// It is declared as if there were a text for everything.
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** @throws TypeError when a value cannot be written as JSON. */
export function textOf(value: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = stringify(value);
  } catch (cause) {
    throw new TypeError(`${what} is not plain data: ${wordsOf(cause)}`, { cause });
  }
  if (text === undefined) throw new TypeError(`${what} is not plain data: a ${typeof value}`);
  return text;
}

/** @throws TypeError when anything in it cannot be written as JSON. */
export function assertPlain({ documents = {}, deliveries = [], journal = [] }: Change): void {
  for (const [key, value] of Object.entries(documents)) {
    if (value !== undefined) textOf(value, `document ${key}`);
  }
  for (const delivery of deliveries) textOf(delivery, `delivery ${delivery.id}`);
  for (const { says, what } of journal) textOf(says, `a journal line of kind ${what}`);
}
