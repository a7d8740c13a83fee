import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/*
 * Pictures of the mails in test/golden/email, light and dark, to be looked at:
 *
 *   node --import tsx test/bench/email-picture.ts FOLDER
 *
 * Needs Debian's chromium-headless-shell; without it nothing is made, and it says so.
 */

const BROWSER = 'chromium-headless-shell';
const SCHEMES = { light: 1, dark: 0 } as const;

const folder = resolve(process.argv[2] ?? 'email-pictures');
mkdirSync(folder, { recursive: true });
for (const name of ['opened', 'acknowledged', 'resolved'])
  for (const [scheme, value] of Object.entries(SCHEMES)) {
    const page = fileURLToPath(new URL(`../golden/email/${name}.html`, import.meta.url));
    const picture = join(folder, `${name}-${scheme}.png`);
    const { error, status, stderr } = spawnSync(
      BROWSER,
      [
        '--no-sandbox',
        '--disable-gpu',
        '--hide-scrollbars',
        `--blink-settings=preferredColorScheme=${value}`,
        '--window-size=720,1250',
        `--screenshot=${picture}`,
        `file://${page}`,
      ],
      { encoding: 'utf8', timeout: 60_000 },
    );
    if (error !== undefined || status !== 0) {
      process.stderr.write(`${BROWSER}: ${error?.message ?? stderr}\n`);
      process.exit(1);
    }
    process.stdout.write(`${picture}\n`);
  }
