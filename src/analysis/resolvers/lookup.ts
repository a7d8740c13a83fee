import { PATIENCE, type Answer } from './answers.ts';
import { seconds, type Seconds } from '../../core/time.ts';

/*
 * What a look-up costs a machine whose resolv.conf names these servers in this order. The rules are those of
 * the C library (resolv.conf(5)): the first server is asked first, always; who is silent is waited for;
 * who has an error or nobody listening is passed over at once; "no such name" ends it; all of it twice.
 */

const ATTEMPTS = 2;

interface Lookup {
  /** Until it is answered, denied or given up. */
  readonly waits: Seconds;
  readonly isAnswered: boolean;
}

/** A look-up with these servers, in the order in which they are asked. */
export function lookUp(servers: readonly Answer[]): Lookup {
  let waits = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1)
    for (const { state, took } of servers) {
      waits += took ?? PATIENCE;
      if (state === 'answers') return { waits: seconds(waits), isAnswered: true };
      if (state === 'denies' || state === 'empty')
        return { waits: seconds(waits), isAnswered: false };
    }
  return { waits: seconds(waits), isAnswered: false };
}

/** The servers with this one first: whichever a cluster hands out first, its machines ask first. */
export const withFirst = <Server>(servers: readonly Server[], first: Server): readonly Server[] => [
  first,
  ...servers.filter((each) => each !== first),
];
