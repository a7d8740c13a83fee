import { begins, type Notice } from '../notice.ts';
import type { Receipt, Thread } from '../notifier.ts';
import { saidOf, type Said } from './slack.ts';

/** The message that stands for an episode in one channel, and what it said first. */
export interface RootMessage {
  readonly ts: string;
  readonly said: Said | undefined;
}

/** Those that are told by a message of their own that is edited later. */
export const makesRoot = (notice: Notice): boolean =>
  notice.kind !== 'test' && (begins(notice) || notice.collapsed === true);

/** Of a message that stands for the episode: with what it said, for the edit that ends it. */
export const receiptOfRoot = (channel: string, ts: string, notice: Notice): Receipt => ({
  channel,
  ts,
  root: ts,
  ...saidOf(notice),
});

/** The newest root in this channel. One that stands in a channel that is no longer configured is none. */
export function rootOf({ receipts }: Thread, channel: string): RootMessage | undefined {
  const here = receipts.filter(
    (receipt) => receipt['channel'] === channel && typeof receipt['root'] === 'string',
  );
  const ts = here.at(-1)?.['root'];
  return typeof ts === 'string' ? { ts, said: here.map(saidBy).find(isThere) } : undefined;
}

const isThere = (said: Said | undefined): said is Said => said !== undefined;

const strings = (value: Receipt[string] | undefined): readonly string[] =>
  typeof value === 'object' ? value : [];

function saidBy({ summary, evidence, holders, explained }: Receipt): Said | undefined {
  if (typeof summary !== 'string') return undefined;
  return {
    summary,
    evidence: strings(evidence),
    holders: strings(holders),
    explained: typeof explained === 'string' ? explained : '',
  };
}
