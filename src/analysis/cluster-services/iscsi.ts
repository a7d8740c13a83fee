import { EXCHANGE, type Served, type Service } from './service.ts';
import { CheckFailure } from '../../core/failure.ts';
import type { Dialogue, Step } from '../../core/ports/exchange.ts';
import { printable } from '../../core/printable.ts';
import {
  decodePairs,
  loginRequest,
  logoutRequest,
  readAnswer,
  sendTargets,
  type IscsiAnswer,
} from '../../protocol/iscsi.ts';

const PORT = 3260;
/** How the monitor calls itself; `.invalid` belongs to nobody (RFC 2606). */
const INITIATOR = 'iqn.2026-01.invalid.maasha:monitor';

/** Logs in to see which targets are offered, and out again: no target is touched. */
export const iscsi: Service = {
  title: 'iSCSI',
  look: async ({ stream }, { address, probes }) => {
    const port = probes?.iscsiPort ?? PORT;
    const targets = await stream.talk({ host: address, port }, discovery(), EXCHANGE);
    return judged(targets, probes?.iscsiTarget);
  },
};

function judged(targets: readonly string[] | 'closed', wanted: string | undefined): Served {
  if (targets === 'closed') return { lacks: true, says: 'lets nobody in at the moment' };
  const some = targets.slice(0, 3).map((each) => printable(each, 100));
  const shown = `${some.join(', ')}${targets.length > some.length ? ' and others' : ''}`;
  if (targets.length === 0) return { lacks: true, says: 'offers no target at all' };
  return wanted === undefined || targets.includes(wanted)
    ? { says: `offers ${wanted ?? shown}` }
    : { lacks: true, says: `does not offer ${printable(wanted, 100)}, but ${shown}` };
}

/** A list of targets has this many answers at most. */
const MOST_ANSWERS = 64;

/** One discovery session; `closed`: the portal is there and takes nobody. */
function discovery(): Dialogue<readonly string[] | 'closed'> {
  const counters = { commandSn: 1, expStatSn: 0 };
  const found: Buffer[] = [];
  let answers = 0;

  const afterLogin = (answer: IscsiAnswer): Omit<Step<'closed'>, 'rest'> => {
    if (answer.statusClass !== 0) return notLetIn(answer);
    // It wants another turn before it lets us in: we have nothing to add.
    if (!answer.isFinal) return { send: loginRequest(INITIATOR, counters) };
    return { send: sendTargets(counters) };
  };
  const afterText = (answer: IscsiAnswer): Omit<Step<readonly string[]>, 'rest'> => {
    found.push(Buffer.from(answer.data));
    if (!answer.isFinal || answer.continues)
      return { send: sendTargets(counters, answer.transferTag) };
    const pairs = decodePairs(Buffer.concat(found));
    const targets = pairs.flatMap(([key, value]) => (key === 'TargetName' ? [value] : []));
    return { send: logoutRequest(counters), result: [...new Set(targets)] };
  };

  return {
    protocol: 'iSCSI',
    opening: loginRequest(INITIATOR, counters),
    step: (heard) => {
      const next = readAnswer(heard);
      if (next === undefined) return undefined;
      const { answer, rest } = next;
      answers += 1;
      if (answers > MOST_ANSWERS)
        throw new CheckFailure(
          'protocol',
          `the iSCSI portal comes to no end after ${answers} answers`,
        );
      counters.expStatSn = answer.statSn + 1;
      if (answer.kind === 'login') return { rest, ...afterLogin(answer) };
      if (answer.kind === 'text') return { rest, ...afterText(answer) };
      if (answer.kind === 'reject')
        throw new CheckFailure('protocol', 'the iSCSI portal rejects what it is asked');
      return { rest };
    },
  };
}

/** RFC 7143 section 11.13.5. */
function notLetIn({ statusClass, statusDetail }: IscsiAnswer): { readonly result: 'closed' } {
  const status = `status ${statusClass}/${statusDetail}`;
  if (statusClass === 3) return { result: 'closed' };
  if (statusClass === 2 && (statusDetail === 1 || statusDetail === 2))
    throw new CheckFailure('auth', `the iSCSI portal wants to know who asks (${status})`);
  if (statusClass === 1)
    throw new CheckFailure('protocol', `the iSCSI portal sends us elsewhere (${status})`);
  throw new CheckFailure('protocol', `the iSCSI portal does not let us in (${status})`);
}
