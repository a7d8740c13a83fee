import type { Mirrored } from '../../alerts/mirror.ts';
import type { Channel, Mirror, Notifier, Parcel, Surroundings } from '../../alerts/notifier.ts';

/** A channel that only says what it would send, and a mirror that says what it would be shown: for `--dry-run`. */
export const rehearsal = (notifier: Notifier): Notifier => ({
  ...notifier,
  open: (settings, surroundings) => {
    // To open a channel reaches nobody yet; it only shows of which kind it is.
    const real = notifier.open(settings, surroundings);
    return real.is === 'mirror' ? silentMirror(real, surroundings) : silentChannel(surroundings);
  },
});

const PROOF = 'a rehearsal proves nothing';

const silentChannel = ({ channel, print }: Surroundings): Channel => ({
  is: 'channel',
  send: ({ id, notice }: Parcel) => {
    const { kind, severity, rule, summary, region, explains } = notice;
    const also = explains.length === 0 ? '' : ` (explains ${explains.length} more)`;
    print(`would tell ${channel}: ${kind} ${severity} ${region} ${rule}: ${summary}${also}`);
    return Promise.resolve({ rehearsal: id });
  },
  test: () => Promise.resolve(PROOF),
  close: () => Promise.resolve(),
});

/** Says what is new to it; everything else is shown again each minute. */
function silentMirror({ mode }: Mirror, { channel, print }: Surroundings): Mirror {
  const known = new Set<string>();
  const tell = ({ rule, severity, labels, region, startsAt, endsAt }: Mirrored): void => {
    const state = endsAt === undefined ? 'firing' : 'resolved';
    const key = JSON.stringify([region, rule, labels, severity, startsAt, state]);
    if (known.has(key)) return;
    known.add(key);
    print(
      `would show ${channel}: ${state} ${severity} ${region} ${rule} ${JSON.stringify(labels)}`,
    );
  };
  return {
    is: 'mirror',
    mode,
    push: (alerts) => {
      alerts.forEach(tell);
      return Promise.resolve();
    },
    test: () => Promise.resolve(PROOF),
    close: () => Promise.resolve(),
  };
}
