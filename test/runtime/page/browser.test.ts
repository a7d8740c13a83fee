import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Bus } from '../../../src/runtime/bus.ts';
import { StatusPage } from '../../../src/runtime/page/status-page.ts';
import { HttpServer } from '../../../src/runtime/server.ts';
import { systemClock } from '../../../src/io/clock.ts';
import type { CheckResult } from '../../../src/core/check.ts';
import { openAlerting } from '../../support/open-alerting.ts';
import { sample, seen, sources } from '../../support/page.ts';
import { region } from '../../support/region.ts';

/* The page as a browser has it. Where there is no Chromium these are skipped; nothing else is. */

const CHROMIUM = '/usr/bin/chromium';

interface Served {
  readonly url: string;
  /** What is seen from now on. */
  see(results: readonly CheckResult[]): void;
  close(): Promise<void>;
}

async function serve(names: readonly string[] = ['maas3'], port = 0): Promise<Served> {
  const alerting = await openAlerting(systemClock);
  const bus = new Bus(() => undefined);
  const regions = names.map((name) => region({ name }));
  const everywhere = (results: readonly CheckResult[]) =>
    names.flatMap((name) => results.map((each) => ({ ...each, region: name })));
  let results = everywhere(seen());
  const page = new StatusPage({
    title: 'a test',
    bus,
    clock: systemClock,
    sources: () => ({ ...sources({ regions }), results }),
    alerting: () => alerting,
    onError: (error) => {
      throw error;
    },
  });
  const server = new HttpServer(page.places, () => undefined);
  return {
    url: `${await server.listen({ host: '127.0.0.1', port })}/`,
    see: (next) => {
      results = everywhere(next);
      for (const result of results)
        bus.publish({ type: 'check.completed', result, before: undefined });
    },
    close: async () => {
      page.stop();
      await server.close();
      await alerting.stop();
    },
  };
}

const FILTER = `getComputedStyle(document.querySelector('main')).filter`;

const DOWN = seen([sample('maasha_vip_up', 0)]);

describe.skipIf(!existsSync(CHROMIUM))('the page in Chromium', { timeout: 60_000 }, () => {
  let browser: Browser;
  let served: Served | undefined;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await served?.close();
    served = undefined;
  });

  /** A page of what is served, and all that its policy complained of. */
  async function visit(options: BrowserContextOptions = {}, names?: readonly string[]) {
    served = await serve(names);
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(served.url);
    return { page, complaints, served };
  }

  const word = (page: Page) => page.locator('.answer.up .word');

  it('shows all of it without a script, and asks for itself anew', async () => {
    const { page } = await visit({ javaScriptEnabled: false });
    expect(await word(page).textContent()).toBe('UP');
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(1);
    expect(await page.locator('svg.topology.wide').isVisible()).toBe(true);
  });

  it('shows what changes, leaves open what is open and the focus where it is, and complains of nothing', async () => {
    const { page, complaints, served: here } = await visit();
    await page.getByText('· live').waitFor();
    const summary = page.locator('#topology-table > summary');
    await summary.click();
    here.see(DOWN);
    await page.locator('.answer.up .word', { hasText: 'DOWN' }).waitFor();
    expect(await page.locator('#topology-table').getAttribute('open')).not.toBeNull();
    expect(
      await page.evaluate(
        `document.activeElement === document.querySelector('#topology-table > summary')`,
      ),
    ).toBe(true);
    expect(await page.locator('#spoken').textContent()).toContain('DOWN');
    expect(await page.title()).toMatch(/^DOWN/);
    expect(complaints).toEqual([]);
  });

  it('says loudly that it is old when the server is gone, and is well again when it is back', async () => {
    const { page, served: here } = await visit();
    await page.getByText('· live').waitFor();
    await here.close();
    await page.getByText('CONNECTION LOST since').waitFor();
    expect(await page.title()).toMatch(/^OLD/);
    const filter = () => page.evaluate<string>(FILTER);
    expect(await filter()).toContain('grayscale(1)');
    served = await serve(['maas3'], Number(new URL(here.url).port));
    await page.getByText('· live').waitFor();
    expect(await page.locator('#lost').isVisible()).toBe(false);
    expect(await filter()).toBe('none');
  });

  it('greys by itself when its script has never come', async () => {
    served = await serve();
    const page = await (await browser.newContext()).newPage();
    await page.route('**/page.js', (route) => route.abort());
    await page.goto(served.url);
    const old = page.getByText('This page has not renewed itself');
    expect(await old.isVisible()).toBe(false);
    await page.evaluate('document.getAnimations().forEach((each) => each.finish())');
    expect(await old.isVisible()).toBe(true);
    const filter = await page.evaluate<string>(FILTER);
    expect(filter).toContain('grayscale(1)');
  });

  it('can be used with the keyboard alone', async () => {
    const { page } = await visit();
    const wanted = await page.locator('a[href], summary').count();
    const reached = new Set<string>();
    for (let step = 0; step < wanted; step += 1) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate<string>('document.activeElement.outerHTML'));
    }
    expect(reached.size).toBeGreaterThanOrEqual(wanted - 1);
    await page.locator('#check-vip > summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#check-vip').getAttribute('open')).not.toBeNull();
  });

  it.each(['light', 'dark'] as const)('fits a phone in the %s scheme', async (colorScheme) => {
    const { page } = await visit({ viewport: { width: 360, height: 740 }, colorScheme });
    const widths = await page.evaluate<number[]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(widths[0]).toBeLessThanOrEqual(widths[1]!);
    expect(await page.locator('svg.topology.narrow').isVisible()).toBe(true);
    expect(await page.locator('svg.topology.wide').isVisible()).toBe(false);
    const red = await page.evaluate<number>(
      `Number(/\\d+/.exec(getComputedStyle(document.documentElement).backgroundColor)[0])`,
    );
    expect(red > 128).toBe(colorScheme === 'light');
  });

  it('lists fifty regions, each a click away', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `region-${index}`);
    const { page } = await visit({}, names);
    expect(await page.locator('#regions tbody tr').count()).toBe(50);
    await page.getByRole('link', { name: 'region-7', exact: true }).click();
    expect(await page.locator('h1').textContent()).toContain('region-7');
  });
});
