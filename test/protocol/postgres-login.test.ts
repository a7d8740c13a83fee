import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { announceLogin } from '../../src/protocol/postgres-login.ts';
import { PASSWORD_WANTED, pgError, pgNotice } from '../support/postgres-login.ts';

const { opening, step } = announceLogin('maas', 'maasdb');

it('announces the role and the database, and no password', () => {
  const text = Buffer.from(opening ?? []).toString('latin1');
  expect(text).toBe('\0\0\0#\0\x03\0\0user\0maas\0database\0maasdb\0\0');
});

it.each([
  ['let in', PASSWORD_WANTED],
  ['let in', Buffer.from('R\0\0\0\x08\0\0\0\0', 'latin1')],
  ['refused', pgError('28000', 'no pg_hba.conf entry for host "172.31.16.40"')],
  // As pgpool 4.3.5 says it.
  ['refused', pgError('XX000', 'client authentication failed', 'no pool_hba.conf entry for host')],
  ['busy', pgError('57P03', 'the database system is starting up')],
  ['busy', pgError('53300', 'sorry, too many clients already')],
])('is %s, and leaves', (is, bytes) => {
  const made = step(bytes);
  expect(made?.result).toMatchObject({ is });
  expect(Buffer.from(made?.send ?? []).toString('latin1')).toBe('X\0\0\0\x04');
});

it('passes a notice by', () => {
  const first = step(Buffer.concat([pgNotice('by the way'), PASSWORD_WANTED]));
  expect(first?.result).toBeUndefined();
  expect(step(first?.rest ?? new Uint8Array())?.result).toEqual({ is: 'let in' });
});

it.each([['HTTP/1.1 400 Bad Request\r\n'], ['R\0\0\0\x01'], ['E\x7f\0\0\0'], ['SSH-2.0-OpenSSH']])(
  'is no PostgreSQL: %j',
  (text) => {
    expect(() => step(Buffer.from(text, 'latin1'))).toThrow(/no PostgreSQL and no pgpool/);
  },
);

it('waits for the whole answer, wherever it is cut', () => {
  const whole = pgError('28000', 'no entry', 'größer');
  for (let length = 0; length < whole.length; length += 1)
    expect(step(whole.subarray(0, length))).toBeUndefined();
});

it('comes to an answer, to more, or to a protocol failure, whatever is heard', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (heard) => {
      try {
        step(heard);
      } catch (error) {
        expect(error).toBeInstanceOf(CheckFailure);
      }
    }),
  );
});
