import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import { abort, BLOCK, readAnswer, readRequest } from '../../src/protocol/tftp.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('readRequest', () => {
  it('asks for a file as it is', () => {
    expect(hex(readRequest('a'))).toBe('00016100' + '6f6374657400');
  });

  it.each(['', 'a\0b'])('refuses a name that cannot be sent: %j', (name) => {
    expect(() => readRequest(name)).toThrow(CheckFailure);
  });
});

describe('abort', () => {
  it('is an error that is not defined, with a text', () => {
    expect(hex(abort('no'))).toBe('00050000' + '6e6f00');
    expect(readAnswer(abort('no'))).toEqual({ kind: 'error', code: 0, says: 'no' });
  });

  it('has no NUL in its text', () => {
    expect(readAnswer(abort('a\0b'))).toEqual({ kind: 'error', code: 0, says: 'a b' });
  });
});

describe('readAnswer', () => {
  test.each([
    ['a block', '0003 0001 4142', { kind: 'data', block: 1, bytes: bytes('4142') }],
    ['an empty block', '0003 0002', { kind: 'data', block: 2, bytes: bytes('') }],
    // tftpd-hpa 5.2
    [
      'an error',
      `0005 0001 ${hex(Buffer.from('File not found'))} 00`,
      { kind: 'error', code: 1, says: 'File not found' },
    ],
    ['an error without its end', '0005 0002 6e6f', { kind: 'error', code: 2, says: 'no' }],
    ['an error without words', '0005 0000', { kind: 'error', code: 0, says: '' }],
    [
      'options',
      `0006 ${hex(Buffer.from(['BlkSize', '1432', 'tsize', '26140', ''].join('\0')))}`,
      { kind: 'options', options: { blksize: '1432', tsize: '26140' } },
    ],
  ])('reads %s', (_, given, expected) => {
    expect(readAnswer(bytes(given))).toEqual(expected);
  });

  test.each([
    ['nothing', ''],
    ['half an opcode', '00'],
    ['a header that is cut', '000300'],
    ['a request', '0001 6100 6f6374657400'],
    ['an acknowledgement', '0004 0001'],
    ['another protocol', hex(Buffer.from('HTTP/1.1 400 Bad Request'))],
    ['a block that is too long', `00030001${'00'.repeat(BLOCK + 1)}`],
  ])('refuses %s', (_, given) => {
    expect(() => readAnswer(bytes(given))).toThrow(/no TFTP answer|expected at most 512/);
  });

  it('reads every block of up to 512 bytes as it was sent', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffff }),
        fc.uint8Array({ maxLength: BLOCK }),
        (block, data) => {
          const head = Buffer.from([0, 3, block >> 8, block & 0xff]);
          const answer = readAnswer(Buffer.concat([head, data]));
          expect(answer).toMatchObject({ kind: 'data', block });
          expect(hex(answer.kind === 'data' ? answer.bytes : bytes(''))).toBe(hex(data));
        },
      ),
    );
  });

  it('throws nothing but a failure, whatever comes, at whatever offset it lies', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 0, max: 4 }), (data, at) => {
        try {
          readAnswer(data.subarray(at));
        } catch (error) {
          expect(error).toMatchObject({ name: 'CheckFailure', code: 'protocol' });
        }
      }),
    );
  });
});
