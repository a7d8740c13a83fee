import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANSWER_STATES,
  type Answer,
  type AnswerState,
} from '../../../src/analysis/resolvers/answers.ts';
import { lookUp, withFirst } from '../../../src/analysis/resolvers/lookup.ts';
import { seconds } from '../../../src/core/time.ts';

const server = (state: AnswerState, took = 0.1): Answer => ({
  state,
  says: '',
  ...(state !== 'silent' && { took: seconds(state === 'closed' ? 0 : took) }),
});

describe('a look-up with the servers of resolv.conf', () => {
  it.each<[string, readonly AnswerState[], number, boolean]>([
    ['is answered by the first', ['answers', 'silent'], 0.1, true],
    ['waits 5 s for a silent first one', ['silent', 'answers'], 5.1, true],
    ['passes over one where nobody listens at once', ['closed', 'answers'], 0.1, true],
    ['passes over one that fails', ['fails', 'answers'], 0.2, true],
    ['passes over one that refuses', ['refuses', 'answers'], 0.2, true],
    ['believes one that denies, and asks nobody else', ['denies', 'answers'], 0.1, false],
    ['believes one that has nothing of the kind', ['empty', 'answers'], 0.1, false],
    ['gives up two silent ones after 20 s', ['silent', 'silent'], 20, false],
    ['gives up a single silent one after 10 s', ['silent'], 10, false],
    ['asks two that fail twice each', ['fails', 'fails'], 0.4, false],
    ['comes through two silent ones to the third', ['silent', 'silent', 'answers'], 10.1, true],
    ['gives up two where nobody listens at once', ['closed', 'closed'], 0, false],
  ])('%s', (_, states, waits, isAnswered) => {
    const found = lookUp(states.map((state) => server(state)));
    expect(found.waits).toBeCloseTo(waits, 6);
    expect(found.isAnswered).toBe(isAnswered);
  });

  const servers = fc.array(
    fc.record({
      state: fc.constantFrom(...ANSWER_STATES),
      took: fc.double({ min: 0.001, max: 4, noNaN: true }),
    }),
    { minLength: 1, maxLength: 3 },
  );

  it('never waits longer than twice 5 s for each', () => {
    fc.assert(
      fc.property(servers, (drawn) => {
        const { waits } = lookUp(drawn.map(({ state, took }) => server(state, took)));
        expect(waits).toBeLessThanOrEqual(2 * 5 * drawn.length);
      }),
    );
  });

  it('is answered only where one answers and none before it denies', () => {
    fc.assert(
      fc.property(servers, (drawn) => {
        const states = drawn.map(({ state }) => state);
        const decides = states.find((state) => ['answers', 'denies', 'empty'].includes(state));
        const { isAnswered } = lookUp(drawn.map(({ state, took }) => server(state, took)));
        expect(isAnswered).toBe(decides === 'answers');
      }),
    );
  });
});

it('puts one first and keeps the order of the others', () => {
  expect(withFirst(['a', 'b', 'c'], 'b')).toEqual(['b', 'a', 'c']);
});
