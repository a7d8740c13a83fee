import { randomBytes } from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { ampPort } from '../../src/io/amp.ts';
import { verifyDigest } from '../../src/protocol/amp.ts';
import { inRun } from '../support/run-scope.ts';
import { pythonWithTwisted, startTwisted } from '../support/twisted.ts';

const LONG = { timeout: seconds(5) };
const SECRET = '00112233445566778899aabbccddeeff';

if (pythonWithTwisted === undefined)
  console.warn('real Twisted is not tried: `python3 -c "import twisted"` fails (python3-twisted)');

describe.skipIf(pythonWithTwisted === undefined)('real Twisted', () => {
  test.each([
    [1 as const, 'Identify'],
    [2 as const, 'Authenticate'],
  ])(
    'of generation %i asks %s, proves its secret, and never gets an answer',
    async (generation, asked) => {
      const region = await startTwisted(pythonWithTwisted!, generation, SECRET);
      try {
        await inRun(async (scope) => {
          const at = { host: '127.0.0.1', port: region.port };
          const session = await ampPort(scope).greet(at, LONG);
          expect(session.greeting.asked).toBe(asked);
          const message = randomBytes(16);
          const { salt, digest } = await session.authenticate(message, LONG);
          expect(verifyDigest(SECRET, message, salt, digest)).toBe(true);
        });
        await vi.waitUntil(() => region.heard.includes('closed'));
        expect(region.heard).toEqual(['asked Authenticate', 'closed']);
      } finally {
        await region.stop();
      }
    },
  );
});
