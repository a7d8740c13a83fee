import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { ensureToken, isSame, readToken, tokenFile } from '../../src/runtime/api-token.ts';

let folder = '';
afterEach(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});
const place = (): string => (folder = mkdtempSync(join(tmpdir(), 'maasha-token-')));

it('is made once, for its owner alone, and left as it is afterwards', () => {
  const state = join(place(), 'state');
  const made = ensureToken({ state })?.reveal();
  expect(made).toMatch(/^[\w-]{43}$/);
  expect(statSync(tokenFile(state)).mode & 0o777).toBe(0o600);
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(ensureToken({ state })?.reveal()).toBe(made);
  expect(readdirSync(state)).toEqual(['api-token']);
});

it('is another one in another place', () => {
  const state = place();
  expect(ensureToken({ state: join(state, 'a') })?.reveal()).not.toBe(
    ensureToken({ state: join(state, 'b') })?.reveal(),
  );
});

it('is the configured one, where there is one, and then nothing is made', () => {
  const state = place();
  const apiToken = new Secret('configured-by-a-person');
  expect(ensureToken({ state, apiToken })).toBe(apiToken);
  expect(existsSync(tokenFile(state))).toBe(false);
});

it.each(['short', 'with a space in between it'])(
  'is refused when it is configured as "%s"',
  (text) => {
    expect(() => readToken({ apiToken: new Secret(text) })).toThrow(
      'alerting.api_token_file: its file holds no token',
    );
  },
);

it('is none without a place for it', () => {
  expect(ensureToken(undefined)).toBeUndefined();
  expect(ensureToken({})).toBeUndefined();
});

it('is not made by who only reads it', () => {
  const state = place();
  expect(readToken({ state })).toBeUndefined();
  expect(readdirSync(state)).toEqual([]);
});

it('is refused where others can read it', () => {
  const state = place();
  ensureToken({ state });
  chmodSync(tokenFile(state), 0o644);
  expect(() => readToken({ state })).toThrow('others may read it (mode 644)');
});

it.each(['', 'short', 'two words that are long enough to be a token'])(
  'is refused when its file holds "%s", and the file stays as it is',
  (text) => {
    const state = place();
    writeFileSync(tokenFile(state), text, { mode: 0o600 });
    expect(() => ensureToken({ state })).toThrow('holds no token');
    expect(readFileSync(tokenFile(state), 'utf8')).toBe(text);
  },
);

it('says where it cannot be made', () => {
  const file = join(place(), 'file');
  writeFileSync(file, '');
  expect(() => ensureToken({ state: file })).toThrow(
    /api-token: cannot be (read|made) \(ENOTDIR\)/,
  );
});

it('is compared in constant time, by digests of one length whatever is given', () => {
  const secret = new Secret('the token');
  const lengths: number[] = [];
  const equal = (a: Buffer, b: Buffer): boolean => {
    lengths.push(a.length, b.length);
    return a.equals(b);
  };
  expect(isSame('the token', secret, equal)).toBe(true);
  expect(isSame('', secret, equal)).toBe(false);
  expect(isSame('the token and more of it', secret, equal)).toBe(false);
  expect(new Set(lengths)).toEqual(new Set([32]));
  expect(isSame('the token', secret)).toBe(true);
  expect(isSame('The token', secret)).toBe(false);
});
