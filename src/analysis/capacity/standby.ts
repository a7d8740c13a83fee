import { doesNotApply, evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe } from '../../core/metric.ts';
import { formatDuration, type Seconds } from '../../core/time.ts';
import type { Oldest } from './ask.ts';
import { headroomBytes, headroomRatio, leftSeconds, walGap } from './metrics.ts';
import { lasts } from './pace.ts';
import type { Retention } from './retention.ts';
import { formatBytes } from './words.ts';

/** Whose word it is where a standby stands. */
export type Witness = 'itself' | 'the primary' | 'memory';

/** One expected standby and the WAL that is kept for it. */
export interface StandbyStock {
  readonly standby: string;
  readonly primary: string;
  readonly witness: Witness;
  readonly connected: boolean | undefined;
  readonly retention: Retention;
  /** The slot that it uses, where one is known. */
  readonly slot: string | undefined;
  /** Bytes in a segment. */
  readonly segment: bigint;
  /** Bytes that the primary has written and it does not have. */
  readonly misses: bigint;
  /** Bytes that the primary promises to keep without a slot. */
  readonly keeps: bigint;
  /** Bytes a second; undefined when too little was seen. */
  readonly shrinks: number | undefined;
  readonly oldest: Oldest;
}

/** Why nothing can be said of one standby. */
export const unknownStock = (standby: string, why: string): readonly Note[] => [
  gap(standby, new CheckFailure('dependency', `how much WAL it may still miss is unknown: ${why}`)),
];

/** What is no standby needs nothing kept. */
export const noStock = (standby: string): readonly Note[] =>
  [walGap, headroomRatio].map((metric) => doesNotApply(metric, { standby }));

export function describeStock(stock: StandbyStock): readonly Note[] {
  const { standby, retention, oldest } = stock;
  const { headroom, ratio, state } = retention;
  const left = timeLeft(stock);
  const cannot = state === 'gone' || state === 'beyond';
  return [
    ...(state === undefined ? [] : [observe(walGap, cannot, { standby })]),
    ...(headroom === undefined ? [] : [observe(headroomBytes, Number(headroom), { standby })]),
    ratio === undefined
      ? doesNotApply(headroomRatio, { standby })
      : observe(headroomRatio, ratio, { standby }),
    ...(left === undefined ? [] : [observe(leftSeconds, left, { standby })]),
    evidence(standby, sayPlace(stock)),
    evidence(standby, sayRoom(stock, left)),
    ...(state === 'beyond' && oldest.failure !== undefined
      ? [gap(stock.primary, oldest.failure)]
      : []),
  ];
}

function timeLeft({ retention: { headroom }, shrinks }: StandbyStock): Seconds | undefined {
  if (headroom === undefined || shrinks === undefined || shrinks <= 0) return undefined;
  return lasts(headroom, shrinks);
}

/** The number as it stands in the names of files, after the timeline. */
function segmentName(number: bigint, segment: bigint): string {
  const perFile = 0x1_0000_0000n / segment;
  const hex = (part: bigint): string => part.toString(16).toUpperCase().padStart(8, '0');
  return hex(number / perFile) + hex(number % perFile);
}

const WITNESS: Readonly<Record<Witness, string>> = {
  itself: 'by its own word',
  'the primary': 'as it last told the primary',
  memory: 'as it was when it was last seen',
};

function sayPlace(stock: StandbyStock): string {
  const { connected, retention, segment, witness, misses, primary } = stock;
  const link = { true: 'is connected', false: 'is not connected', undefined: 'may be connected' };
  const place = `${link[String(connected) as keyof typeof link]} and stands in WAL segment`;
  const since =
    misses <= 0n ? '' : `; ${primary} has written ${formatBytes(misses)} that it does not have`;
  return `${place} ${segmentName(retention.needs, segment)}, ${WITNESS[witness]}${since}`;
}

function sayRoom(stock: StandbyStock, left: Seconds | undefined): string {
  const { retention, primary, oldest } = stock;
  const { headroom = 0n, state } = retention;
  const beyond = `is ${formatBytes(headroom)} beyond what ${primary} promises to keep`;
  switch (state) {
    case 'gone':
      return sayGone(stock);
    case 'there':
      return `${beyond}; what it needs is still there, and may go with the next checkpoint`;
    case 'beyond':
      return `${beyond}: what it needs may be gone, which cannot be seen (${sayBlind(oldest)})`;
    case 'kept':
    case undefined:
      return headroom < 0n ? `${beyond}: ${sayDoubt(retention)}` : sayKept(stock, left);
  }
}

const sayBlind = ({ never, failure }: Oldest): string =>
  never ?? failure?.message ?? 'it lists no file';

const sayDoubt = ({ state }: Retention): string =>
  state === undefined
    ? 'whether it is connected, and so has what it needs, is not known'
    : 'it has what it needs only as long as it stays connected';

function sayGone(stock: StandbyStock): string {
  const { primary, slot, oldest, segment, keeps } = stock;
  const { needs } = stock.retention;
  const first = oldest.number;
  if (first === undefined || first <= needs)
    return `its slot ${slot ?? ''} has lost what it needs: only a rebuild helps`;
  const lost = formatBytes((first - needs) * segment);
  return `${primary} keeps ${formatBytes(keeps)} for it and has removed what it needs: the oldest segment there is ${segmentName(first, segment)}, and ${lost} before that are gone; only a rebuild helps`;
}

function sayKept(stock: StandbyStock, left: Seconds | undefined): string {
  const { primary, slot, shrinks } = stock;
  const { headroom, ratio } = stock.retention;
  if (headroom === undefined)
    return `its slot ${slot ?? ''} keeps all that it needs: the disk of ${primary} runs out first`;
  if (ratio === undefined)
    return `${primary} promises to keep no WAL for it (wal_keep_size is 0, and no slot holds any)`;
  const pace =
    left === undefined
      ? sayPace(shrinks)
      : `, which at the present pace lasts ${formatDuration(left)}`;
  return `${formatBytes(headroom)} of WAL may still be written before it needs a rebuild${pace}`;
}

const sayPace = (shrinks: number | undefined): string =>
  shrinks === undefined ? '; how long that lasts is not known yet' : ', and that does not shrink';
