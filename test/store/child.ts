/**
 * A monitor's part in the tests with real processes: `node --import tsx test/store/child.ts ROLE FILE …`.
 *
 * - `hold`: opens, commits one document, says so, and lives until it is killed.
 * - `commit [LABEL N]`: commits without end and writes the number of each that is durable; with a
 *   label kills itself at that crash point of the N-th commit.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../src/io/clock.ts';

import { Ledger } from '../../src/store/ledger.ts';
import { delivery, entry } from './samples.ts';

const [role = '', file = '', label = '', turn = ''] = process.argv.slice(2);
// Straight to the kernel: what was said must have been said when the process is killed.
const say = (text: string): void => {
  writeSync(1, `${text}\n`);
};

try {
  let turns = 0;
  const ledger = await Ledger.open({
    file,
    clock: systemClock,
    onTrouble: (says) => {
      say(`trouble: ${says}`);
    },
    at: (here) => {
      if (here !== label) return;
      turns += 1;
      if (turns === Number(turn)) process.kill(process.pid, 'SIGKILL');
    },
  });
  if (ledger.replaced !== undefined) say(`replaced: ${ledger.replaced.why}`);
  if (role === 'hold') {
    ledger.commit({ documents: { held: process.pid }, journal: [entry(1)] });
    say('holds');
    setInterval(() => undefined, 60_000);
  } else {
    say('commits');
    for (let count = Number(ledger.document('count') ?? 0) + 1; ; count += 1) {
      const change = {
        // Several pages a commit, so that a kill has something to tear.
        documents: { count, [`text-${count % 3}`]: `${count} `.repeat(3000) },
        deliveries: [
          delivery({ episode: `E${count}`, channel: 'slack' }),
          delivery({ episode: `E${count}`, channel: 'email' }),
        ],
        journal: [entry(count), entry(count, { what: 'delivery' })],
      };
      if (ledger.commit(change)) {
        say(String(count));
      }
    }
  }
} catch (error) {
  say(`${(error as Error).name}: ${(error as Error).message}`);
}
