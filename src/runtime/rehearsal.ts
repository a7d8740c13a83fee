import type { Channel, Notifier, Parcel } from '../../alerts/notifier.ts';

/** A channel that only says what it would send: for `--dry-run`. */
export const rehearsal = (notifier: Notifier): Notifier => ({
  ...notifier,
  open: (_, { channel, print }): Channel => ({
    is: 'channel',
    send: ({ id, notice }: Parcel) => {
      const { kind, severity, rule, summary, region, explains } = notice;
      const also = explains.length === 0 ? '' : ` (explains ${explains.length} more)`;
      print(`would tell ${channel}: ${kind} ${severity} ${region} ${rule}: ${summary}${also}`);
      return Promise.resolve({ rehearsal: id });
    },
    test: () => Promise.resolve('a rehearsal proves nothing'),
    close: () => Promise.resolve(),
  }),
});
