import { inRun } from '../support/run-scope.ts';
import { toFailure } from '../../src/core/failure.ts';
import { seconds } from '../../src/core/time.ts';
import { dhcpPort } from '../../src/io/dhcp.ts';
import { decodeReply, encodeQuestion } from '../../src/protocol/dhcp.ts';

/* Asks by DHCP from the network in which it is started, and prints what it hears: a leg, a kind, seconds. */

const [leg = '', type = '', wait = '1'] = process.argv.slice(2);
const heard = await inRun((scope) =>
  dhcpPort(scope)
    .broadcast((own) => encodeQuestion(type === 'inform' ? 'inform' : 'discover', own), {
      interface: leg,
      timeout: seconds(Number(wait)),
    })
    .then(
      (answers) => answers.map(({ from, bytes }) => ({ from: from.host, ...decodeReply(bytes) })),
      (error: unknown) => ({ code: toFailure(error).code, says: toFailure(error).message }),
    ),
);
process.stdout.write(`${JSON.stringify(heard)}\n`);
