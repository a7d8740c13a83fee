import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';

const secret = new Secret('hunter2');

test.each([
  ['a template', `login with ${String(secret)}`],
  ['JSON', JSON.stringify({ secret })],
  ['inspect', inspect({ secret }, { depth: 9, showHidden: true })],
  ['an error message', new Error(`login with ${String(secret)}`).message],
  ['its own entries', JSON.stringify(Object.entries(secret))],
])('a secret does not show in %s', (_, text) => {
  expect(text).not.toContain('hunter2');
});

test('a secret reveals itself when asked', () => {
  expect(secret.reveal()).toBe('hunter2');
});
