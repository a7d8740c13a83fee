import { readFileSync } from 'node:fs';

/** A file of recorded bytes below test/golden. */
export const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8'));

/** `S 6d000000…` as its sender and its octets. */
export function spoken(line: string): { readonly from: string; readonly bytes: Uint8Array } {
  const [from = '', hex = ''] = line.split(' ');
  return { from, bytes: new Uint8Array(Buffer.from(hex, 'hex')) };
}

/** Everything that can be taken off `bytes` when they arrive in pieces of the given sizes. */
export function takeAll<Message>(
  take: (stream: Uint8Array) => { message: Message; rest: Uint8Array } | undefined,
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
): { readonly messages: readonly Message[]; readonly rest: Uint8Array } {
  const messages: Message[] = [];
  let rest: Uint8Array = new Uint8Array();
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    rest = new Uint8Array(Buffer.concat([rest, bytes.subarray(at, at + size)]));
    at += size;
    for (let next = take(rest); next !== undefined; next = take(rest)) {
      messages.push(next.message);
      rest = next.rest;
    }
  }
  return { messages, rest };
}
