import { gap, type Note } from '../../core/check.ts';
import { isSilence, toFailure, CheckFailure } from '../../core/failure.ts';
import type { Observation } from '../../core/metric.ts';
import type { Endpoint, IcmpPort, Limit, PingReport } from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Seconds } from '../../core/time.ts';

/** What one method learnt about whether somebody is there; a failure says that it could not look. */
export type Answer = 'answered' | 'silent' | CheckFailure;

export interface Pinged {
  readonly answer: Answer;
  readonly report?: PingReport;
}

export interface Connected {
  /** `answered` also by a refusal: a host that refuses is there. */
  readonly answer: Answer;
  /** Present when the connection stood. */
  readonly took?: Seconds;
}

/** Pings; a host that answers no echo is silent. */
export async function ping(
  io: Pick<Ports, 'icmp'>,
  address: string,
  options: Parameters<IcmpPort['ping']>[1],
): Promise<Pinged> {
  try {
    const report = await io.icmp.ping(address, options);
    return { answer: report.received > 0 ? 'answered' : 'silent', report };
  } catch (error) {
    return { answer: silenceOr(toFailure(error)) };
  }
}

/** Connects by TCP, and closes at once. */
export async function connect(
  io: Pick<Ports, 'tcp'>,
  to: Endpoint,
  limit: Limit,
): Promise<Connected> {
  try {
    const { took } = await io.tcp.connect(to, limit);
    return { answer: 'answered', took };
  } catch (error) {
    const failure = toFailure(error);
    return { answer: failure.code === 'refused' ? 'answered' : silenceOr(failure) };
  }
}

const silenceOr = (failure: CheckFailure): Answer => (isSilence(failure) ? 'silent' : failure);

/** Several methods together: one answer proves life; silence counts only where one could look. */
export function best(answers: readonly Answer[]): Answer {
  if (answers.includes('answered')) return 'answered';
  if (answers.includes('silent')) return 'silent';
  return answers[0] ?? 'silent';
}

export const isWantOfPrivilege = (answer: Answer): answer is CheckFailure =>
  answer instanceof CheckFailure && answer.code === 'no_privilege';

/** An observation where the answer is known, nothing for want of privilege, else a gap. */
export function judged(
  subject: string,
  answer: Answer,
  toObservation: (answered: boolean) => Observation,
): readonly Note[] {
  if (!(answer instanceof CheckFailure)) return [toObservation(answer === 'answered')];
  return isWantOfPrivilege(answer) ? [] : [gap(subject, answer)];
}
