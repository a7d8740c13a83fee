import { EXCHANGE, type Served, type Service } from './service.ts';
import { encodeNtpQuestion, NTP_PORT, readNtpAnswer, type NtpAnswer } from '../../protocol/ntp.ts';

/**
 * Any moment does, for it only has to come back: the monitor sets no clock by the answer. This one is of
 * the era of NTP that we are in.
 */
const SOME_TIME = 1_767_225_600_123;

/** Asks what time it is, as any client does. */
export const ntp: Service = {
  title: 'NTP',
  look: async ({ udp }, { address }) => {
    const bytes = encodeNtpQuestion(SOME_TIME);
    const answer = await udp.ask(
      { host: address, port: NTP_PORT },
      {
        protocol: 'NTP',
        bytes,
        read: ({ bytes: octets, from }) =>
          from.port === NTP_PORT ? readNtpAnswer(bytes, octets) : undefined,
        tries: 2,
      },
      EXCHANGE,
    );
    return judged(answer);
  },
};

function judged(answer: NtpAnswer): Served {
  switch (answer.is) {
    case 'synchronised':
      return { says: `has the time, at stratum ${answer.stratum}` };
    case 'unsynchronised':
      return { lacks: true, says: 'answers, and has no time itself: it is not synchronised' };
    case 'kiss':
      // RATE, DENY: it has the time, and would rather not be asked by us.
      return { says: `answers, and does not want to be asked by the monitor (${answer.code})` };
  }
}
