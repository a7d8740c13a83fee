import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  authenticateBox,
  encodeBox,
  MAX_BOX_OCTETS,
  takeBox,
  textOf,
  verifyDigest,
  type AmpBox,
} from '../../src/protocol/amp.ts';
import { golden, spoken, takeAll } from '../support/golden.ts';

const recorded = golden('amp/maas.json') as {
  readonly secret: string;
  readonly transcripts: readonly { readonly name: string; readonly boxes: readonly string[] }[];
};

const boxes = (name: string): readonly { from: string; box: AmpBox }[] =>
  recorded.transcripts
    .find((transcript) => transcript.name.startsWith(name))!
    .boxes.map((line) => {
      const { from, bytes } = spoken(line);
      return { from, box: takeBox(bytes)!.message };
    });

const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

describe('what was recorded from MAAS', () => {
  test.each(recorded.transcripts.flatMap(({ name, boxes }) => boxes.map((line) => [name, line])))(
    '%s: %s comes back byte for byte',
    (_, line) => {
      const { bytes } = spoken(line);
      const { messages, rest } = takeAll(takeBox, bytes);
      expect(messages).toHaveLength(1);
      expect(rest).toHaveLength(0);
      expect(Buffer.from(encodeBox(messages[0]!))).toEqual(Buffer.from(bytes));
    },
  );

  test.each([
    ['T1', 'Authenticate'],
    ['T7', 'Identify'],
    ['T8', 'Identify'],
  ])('%s begins with the question %s', (name, command) => {
    const [first] = boxes(name);
    expect(textOf(first!.box, '_ask')).toBe('1');
    expect(textOf(first!.box, '_command')).toBe(command);
  });

  it('asks Authenticate in the recorded bytes', () => {
    const message = octets('000102030405060708090a0b0c0d0e0f');
    expect(`C ${Buffer.from(authenticateBox('1', message)).toString('hex')}`).toBe(
      recorded.transcripts[0]!.boxes[1],
    );
  });

  test.each(['T1', 'T2', 'T7'])('%s proves that the region holds the secret', (name) => {
    const proof = boxes(name).find(({ from, box }) => from === 'S' && box.has('digest'))!.box;
    const message = octets('000102030405060708090a0b0c0d0e0f');
    const [salt, digest] = [proof.get('salt')!, proof.get('digest')!];
    expect(verifyDigest(recorded.secret, message, salt, digest)).toBe(true);
    expect(verifyDigest(`  ${recorded.secret}\n`, message, salt, digest)).toBe(true);
    expect(verifyDigest('ff'.repeat(16), message, salt, digest)).toBe(false);
    expect(verifyDigest(recorded.secret, message, salt, digest.subarray(1))).toBe(false);
  });

  it('keeps code and description of an error', () => {
    const error = boxes('T3').at(-1)!.box;
    expect([textOf(error, '_error'), textOf(error, '_error_code')]).toEqual(['1', 'UNKNOWN']);
  });
});

describe('verifyDigest', () => {
  test.each(['', 'zz', '123', '00 11'])('refuses the secret %j without repeating it', (secret) => {
    const verify = (): boolean =>
      verifyDigest(secret, new Uint8Array(16), new Uint8Array(16), new Uint8Array(32));
    expect(verify).toThrow(
      expect.objectContaining({
        code: 'config',
        message: "the region's shared secret is not hex text",
      }),
    );
  });
});

describe('takeBox', () => {
  const key = fc
    .uint8Array({ minLength: 1, maxLength: 255 })
    .map((bytes) => Buffer.from(bytes).toString('latin1'));
  const box = fc
    .uniqueArray(fc.tuple(key, fc.uint8Array({ maxLength: 600 })), {
      selector: ([name]) => name,
      minLength: 1,
      maxLength: 8,
    })
    .map((pairs): AmpBox => new Map(pairs));

  it('gives back what was encoded, however the bytes were split', () => {
    fc.assert(
      fc.property(
        fc.array(box, { maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
        (sent, sizes) => {
          const bytes = new Uint8Array(Buffer.concat(sent.map(encodeBox)));
          const { messages, rest } = takeAll(takeBox, bytes, sizes);
          expect(messages).toEqual(sent);
          expect(rest).toHaveLength(0);
        },
      ),
    );
  });

  it('reads the same boxes one byte at a time', () => {
    const bytes = octets(recorded.transcripts[0]!.boxes.map((line) => line.slice(2)).join(''));
    expect(takeAll(takeBox, bytes, [1])).toEqual(takeAll(takeBox, bytes));
  });

  it('answers arbitrary bytes with boxes or with `protocol`', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 600 }),
          fc
            .array(fc.integer({ min: 0, max: 3 }), { maxLength: 60 })
            .map((few) => Uint8Array.from(few)),
        ),
        (bytes) => {
          try {
            takeAll(takeBox, bytes);
          } catch (error) {
            expect(error).toMatchObject({ name: 'CheckFailure', code: 'protocol' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  const pair = (name: string, size: number): string => {
    const head = Buffer.from(name).toString('hex');
    return `${name.length.toString(16).padStart(4, '0')}${head}${size.toString(16).padStart(4, '0')}${'00'.repeat(size)}`;
  };

  test.each([
    ['an HTTP answer', Buffer.from('HTTP/1.1 400 Bad Request\r\n').toString('hex')],
    ['an empty box', '0000'],
    ['a key that comes twice', `${pair('a', 1)}${pair('a', 1)}0000`],
    ['a key of 256 octets', '0100'],
    [
      'more octets than any honest box has',
      Array.from({ length: 5 }, (_, index) => pair(`k${index}`, 65_535)).join(''),
    ],
    [
      'more pairs than any honest box has',
      Array.from({ length: 300 }, (_, index) => pair(`k${index}`, 0)).join(''),
    ],
  ])('refuses %s', (_, hex) => {
    expect(() => takeBox(octets(hex))).toThrow(expect.objectContaining({ code: 'protocol' }));
  });

  it('never waits for more than the bound and one value', () => {
    const most = MAX_BOX_OCTETS + 65_535 + 4;
    const endless = octets(
      Array.from({ length: 6 }, (_, index) => pair(`k${index}`, 65_535)).join(''),
    ).subarray(0, most);
    expect(() => takeBox(endless)).toThrow(expect.objectContaining({ code: 'protocol' }));
  });
});

describe('encodeBox', () => {
  it('sorts keys by their octets', () => {
    const value = new Uint8Array();
    const box = new Map(['b', 'a', '_x', 'Z'].map((key) => [key, value]));
    expect([...takeBox(encodeBox(box))!.message.keys()]).toEqual(['Z', '_x', 'a', 'b']);
  });

  test.each([
    ['an empty box', new Map()],
    ['an empty key', new Map([['', new Uint8Array()]])],
    ['a long key', new Map([['x'.repeat(256), new Uint8Array()]])],
    ['a long value', new Map([['x', new Uint8Array(65_536)]])],
  ])('refuses to send %s', (_, box: AmpBox) => {
    expect(() => encodeBox(box)).toThrow(expect.objectContaining({ code: 'internal' }));
  });
});
