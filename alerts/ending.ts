import { instant, type Instant } from '../src/core/time.ts';
import type { Age, Alert, Standing } from './state.ts';
import type { Said } from './transition.ts';

export interface Moved {
  readonly alert: Alert;
  readonly said: readonly Said[];
}

/**
 * The end of an episode. Who was told that it is open is told that it is over, whatever hides it now:
 * folded, silenced or held, the close is due. Whoever was told nothing is told nothing.
 */
export function ended(
  alert: Standing,
  at: { readonly wall: Instant; readonly age: Age },
  told: Said,
): Moved {
  const { episode } = alert;
  const wasTold = episode.told === 'open';
  return {
    alert: {
      ...alert,
      condition: { is: 'resolved', at: at.age },
      visibility: { is: 'undecided' },
      ownership: { is: 'unacked' },
      episode: {
        ...episode,
        // The wall clock may have been set back meanwhile.
        endsAt: instant(Math.max(at.wall, episode.startsAt)),
        ended: at.age,
        told: wasTold ? 'closed' : episode.told,
      },
    },
    said: [wasTold ? told : { kind: 'lapse', reason: unheard(told) }],
  };
}

const unheard = ({ kind, reason }: Said): Said['reason'] =>
  kind === 'retire' ? reason : 'ended before anybody was told';
