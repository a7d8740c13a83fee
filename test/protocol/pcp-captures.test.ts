import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CheckFailure } from '../../src/core/failure.ts';
import {
  encodeFrame,
  FAREWELL,
  loginRequest,
  saltRequest,
  takeFrame,
  type PcpFrame,
  type PcpRequest,
} from '../../src/protocol/pcp.ts';
import { nodeCountRequest, nodeInfoRequest } from '../../src/protocol/pcp-backends.ts';
import { watchdogRequest } from '../../src/protocol/pcp-watchdog.ts';
import { takeAll } from '../support/golden.ts';

interface Captured {
  readonly name: string;
  readonly exchange: readonly { readonly from: 'client' | 'server'; readonly hex: string }[];
}

const CAPTURES = new URL('../lab/captures/pcp-4.3.5.json', import.meta.url);
const captured = (
  existsSync(CAPTURES) ? JSON.parse(readFileSync(CAPTURES, 'utf8') || '[]') : []
) as readonly Captured[];

const decode = (hex: string): readonly PcpFrame[] => {
  const { messages, rest } = takeAll(takeFrame, new Uint8Array(Buffer.from(hex, 'hex')));
  expect(rest).toHaveLength(0);
  return messages;
};

/** Every question of the client with the server's answers to it. */
const turns = (exchange: Captured['exchange']) => {
  const found: { readonly asked: PcpFrame; readonly answers: PcpFrame[] }[] = [];
  for (const { from, hex } of exchange)
    for (const frame of decode(hex))
      if (from === 'client') found.push({ asked: frame, answers: [] });
      else found.at(-1)?.answers.push(frame);
  return found;
};

const LETTERS = ['M', 'R', 'L', 'I', 'W'] as const;

/** Our own request for what the real client asked; undefined for what we never ask. */
function ours({ type, body }: PcpFrame): PcpRequest<unknown> | undefined {
  const text = Buffer.from(body).toString().replace('\0', '');
  switch (LETTERS.find((letter) => letter === type)) {
    case 'M':
      return saltRequest;
    case 'L':
      return nodeCountRequest;
    case 'I':
      return nodeInfoRequest(Number(text));
    case 'W':
      return watchdogRequest;
    case 'R':
    case undefined:
      return undefined;
  }
}

describe.runIf(existsSync(CAPTURES))('what the lab captured from pgpool 4.3.5', () => {
  it('is not empty', () => {
    expect(captured.length).toBeGreaterThan(0);
    for (const { exchange } of captured) expect(exchange.length).toBeGreaterThan(0);
  });

  it.each(captured)('$name comes back byte for byte', ({ exchange }) => {
    for (const { hex } of exchange)
      expect(Buffer.concat(decode(hex).map(encodeFrame)).toString('hex')).toBe(hex.toLowerCase());
  });

  it.each(captured)('$name is asked in our bytes, and we understand the answer', ({ exchange }) => {
    let salt: Uint8Array = new Uint8Array();
    for (const { asked, answers } of turns(exchange)) {
      if (asked.type === 'M') salt = answers[0]!.body;
      const mine = asked.type === 'R' ? loginRequest('root', 'lab-pcp', salt) : ours(asked);
      if (mine === undefined) continue;
      const refused = answers.some(({ type }) => type === 'E');
      if (asked.type !== 'W' && !(asked.type === 'R' && refused))
        expect(Buffer.from(mine.bytes).toString('hex')).toBe(
          Buffer.from(encodeFrame(asked)).toString('hex'),
        );
      // Only node info ever stays without an answer: when a backend hangs.
      if (answers.length === 0) expect(asked.type).toBe('I');
      else if (refused) expect(() => mine.read(answers)).toThrow(CheckFailure);
      else expect(mine.read(answers)).toBeDefined();
    }
  });

  it('ends with our goodbye wherever the client says one', () => {
    const goodbyes = captured
      .flatMap(({ exchange }) => turns(exchange))
      .filter(({ asked }) => asked.type === 'X');
    for (const { asked } of goodbyes)
      expect(Buffer.from(encodeFrame(asked))).toEqual(Buffer.from(FAREWELL));
  });
});
