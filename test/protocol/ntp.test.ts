import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { encodeNtpQuestion, readNtpAnswer } from '../../src/protocol/ntp.ts';

const QUESTION = encodeNtpQuestion(1_795_430_000_500);

/** A server's answer to it. */
function answer({ flags = 0x24, stratum = 2, reference = '7f7f0101' } = {}): Uint8Array {
  const bytes = new Uint8Array(48);
  bytes.set([flags, stratum, 0, 0xe6]);
  bytes.set(Buffer.from(reference, 'hex'), 12);
  bytes.set(QUESTION.subarray(40, 48), 24);
  return bytes;
}
const ascii = (text: string): string => Buffer.from(text.padEnd(4, '\0')).toString('hex');

it('a question says version, mode and its time since 1900', () => {
  expect(Buffer.from(QUESTION).toString('hex')).toBe(
    `23${'00'.repeat(39)}${(1_795_430_000 + 2_208_988_800).toString(16)}80000000`,
  );
});

test.each([
  ['a server with the time', answer(), { is: 'synchronised', stratum: 2 }],
  ['the last stratum', answer({ stratum: 15 }), { is: 'synchronised', stratum: 15 }],
  ['stratum 16', answer({ stratum: 16 }), { is: 'unsynchronised' }],
  ['the alarm of the leap indicator', answer({ flags: 0xe4 }), { is: 'unsynchronised' }],
  ['a leap second to come', answer({ flags: 0x64 }), { is: 'synchronised', stratum: 2 }],
  // Recorded: chrony 4.3 without a source.
  [
    'chrony that has no source',
    answer({ flags: 0xe4, stratum: 0, reference: '00000000' }),
    { is: 'unsynchronised' },
  ],
  [
    'ntpd at its start',
    answer({ flags: 0xe4, stratum: 0, reference: ascii('INIT') }),
    { is: 'unsynchronised' },
  ],
  [
    'a kiss of death',
    answer({ flags: 0xe4, stratum: 0, reference: ascii('RATE') }),
    { is: 'kiss', code: 'RATE' },
  ],
  [
    'octets that are no code',
    answer({ stratum: 0, reference: '41421b44' }),
    { is: 'unsynchronised' },
  ],
])('%s', (_, bytes, expected) => {
  expect(readNtpAnswer(QUESTION, bytes)).toEqual(expected);
});

describe('what is no answer', () => {
  it('is passed over: another time, or too short', () => {
    const other = answer();
    other[31] = (other[31] ?? 0) ^ 1;
    expect(readNtpAnswer(QUESTION, other)).toBeUndefined();
    expect(readNtpAnswer(QUESTION, answer().subarray(0, 47))).toBeUndefined();
  });

  it('is a breach where it repeats our time in another mode', () => {
    expect(() => readNtpAnswer(QUESTION, answer({ flags: 0x23 }))).toThrow(/mode 3/);
  });
});

it('any octets are passed over, read or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (head) => {
      const bytes = answer();
      bytes.set(head);
      try {
        expect(readNtpAnswer(QUESTION, bytes)?.is).toMatch(/synchronised|kiss/);
      } catch (error) {
        expect(error).toMatchObject({ code: 'protocol' });
      }
    }),
  );
});
