import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { withPalette } from '../support/small-png.ts';

/*
 * A picture of the status page of a monitor that runs, as PNG:
 *
 *   npx tsx test/bench/page-picture.ts --url http://127.0.0.1:9877/ --scheme dark --out page.png
 *
 * `--phone` is a window of 390 by 844, `--whole` is all of the page and not only what is seen first, and
 * `--when PATTERN` waits until the page says so (which has the moment that is to be shown). Of a lab, run it
 * where the monitor runs: `npm run lab -- exec -- npx tsx test/bench/page-picture.ts`. Needs Debian's chromium.
 */

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:9877/' },
    scheme: { type: 'string', default: 'light' },
    phone: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
    when: { type: 'string', multiple: true, default: [] },
    height: { type: 'string', default: '1000' },
    out: { type: 'string', default: 'page.png' },
  },
});

/** Milliseconds that the page is waited for. */
const PATIENCE = 300_000;

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  // Without coloured edges of letters a picture is half as large.
  args: ['--no-sandbox', '--disable-gpu', '--disable-lcd-text'],
});
try {
  const page = await browser.newPage({
    viewport: values.phone
      ? { width: 390, height: 844 }
      : { width: 1360, height: Number(values.height) },
    colorScheme: values.scheme === 'dark' ? 'dark' : 'light',
    deviceScaleFactor: 1,
  });
  await page.goto(values.url);
  await page.getByText('· live').waitFor({ timeout: PATIENCE });
  for (const text of values.when)
    await page
      .getByText(new RegExp(text))
      .filter({ visible: true })
      .first()
      .waitFor({ timeout: PATIENCE });
  const out = resolve(values.out);
  mkdirSync(dirname(out), { recursive: true });
  await page.screenshot({ path: out, fullPage: values.whole });
  withPalette(out);
  process.stdout.write(`${out}: ${Math.round(statSync(out).size / 1024)} KiB\n`);
} finally {
  await browser.close();
}
