import type { Delivery } from '../../../alerts/outbox/delivery.ts';
import { nameOf } from '../../../alerts/render/words.ts';
import type { Severity } from '../../core/rule.ts';
import type { Instant } from '../../core/time.ts';
import type { Outlet, Picture } from '../picture.ts';
import type { Sign } from './signs.ts';

/** One message to one channel. */
export interface Message {
  readonly at: Instant;
  readonly region: string;
  /** What was told: `open`, `close`, `remind`, … */
  readonly kind: string;
  readonly severity: Severity;
  readonly about: string;
  readonly sign: Sign;
  /** How far it came. */
  readonly says: string;
}

/** One channel, and the newest messages to it. */
export interface ChannelView {
  readonly name: string;
  readonly sign: Sign;
  readonly says: string;
  readonly messages: readonly Message[];
}

const MOST = 5;

/** Who was told what: every channel, even where it was told nothing. `region` narrows the messages. */
export const channelsOf = (picture: Picture, region?: string): readonly ChannelView[] =>
  picture.outlets.map((outlet) => ({
    name: outlet.name,
    ...standingOf(outlet),
    messages: picture.deliveries
      .filter(({ channel, stage }) => channel === outlet.name && stage !== 'superseded')
      .filter(({ notice }) => region === undefined || notice.region === region)
      .map(messageOf)
      .sort((a, b) => b.at - a.at)
      .slice(0, MOST),
  }));

function standingOf({
  trouble,
  mirror,
  severity,
  level,
}: Outlet): Pick<ChannelView, 'sign' | 'says'> {
  if (trouble !== undefined) return { sign: 'bad', says: `does NOT deliver: ${trouble}` };
  const whom =
    mirror === undefined
      ? `told of ${severity}${severity === 'critical' ? ' only' : ' and worse'}`
      : `shown everything (${mirror})`;
  const later = level > 0 ? `, when nobody acknowledges (level ${level})` : '';
  return { sign: 'good', says: `${whom}${later}` };
}

const STAGES: Readonly<Record<Delivery['stage'], readonly [Sign, string]>> = {
  sent: ['good', 'delivered'],
  queued: ['none', 'waits to be sent'],
  leased: ['none', 'is being sent'],
  doubtful: ['warning', 'MAY have arrived'],
  dead: ['bad', 'NOT delivered, given up'],
  superseded: ['none', 'taken back'],
};

function messageOf({ notice, stage, settled, created, trouble, attempts }: Delivery): Message {
  const [sign, words] = STAGES[stage];
  const late = stage === 'queued' && attempts > 0;
  const why = trouble === undefined || stage === 'sent' ? '' : `: ${trouble}`;
  return {
    at: settled ?? created,
    region: notice.region,
    kind: notice.kind,
    severity: notice.severity,
    about: nameOf(notice),
    sign: late ? 'bad' : sign,
    says: late ? `NOT delivered yet after ${attempts} attempts${why}` : `${words}${why}`,
  };
}
