import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { ended, maasha, says, spawnMaasha } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-probe-only-'));
const socket = join(folder, 'http.sock');
const file = join(folder, 'maasha.yaml');
let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill('SIGKILL');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A region on loopback addresses on which nothing listens; alerting whose files are not on this host. */
const written = (vip = '127.31.98.39'): void => {
  writeFileSync(
    file,
    `listen: { socket: ${socket} }
regions:
  - name: dead
    vip: ${vip}
    maas_url: http://127.31.98.39:39999/MAAS
    nodes: [{ name: rc1, address: 127.31.98.32 }, { name: rc2, address: 127.31.98.33 }]
    pgpool: { port: 39998 }
alerting:
  state: ${join(folder, 'state')}
  slack: { token_file: /nowhere/slack, channel: C0123456 }
`,
  );
};

/** Starts it, and resolves with what it says when it serves. */
async function serving(...more: readonly string[]): Promise<string> {
  written();
  child = spawnMaasha(['run', '--probe-only', '-c', file, ...more]);
  return says(child, /is not used/);
}

const get = (path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    request({ socketPath: socket, path, headers: { host: 'maasha:9877' } }, (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (text: string) => {
          body += text;
        })
        .on('end', () => {
          resolve(body);
        });
    })
      .on('error', reject)
      .end();
  });

it('says what it is and what it does not use, answers probes, stores nothing, and ends on SIGTERM', async () => {
  const said = await serving();
  expect(said).toContain('probes only: nothing is scheduled and nothing is stored');
  expect(said).toContain('1 region: dead');
  expect(said).toContain('`alerting:` is not used');
  expect(await get('/probe?target=dead&module=vip')).toMatch(/^probe_success 0$/m);
  expect(await get('/sd')).toContain('"targets":["maasha:9877"]');
  child?.kill('SIGTERM');
  const [code] = (await once(child!, 'exit')) as [number | null];
  expect(code).toBe(0);
  expect(readdirSync(folder).filter((name) => name !== 'http.sock')).toEqual(['maasha.yaml']);
});

it('keeps its configuration when it is to read a wrong one, shows that, and takes the next', async () => {
  await serving();
  const accepted = async (): Promise<string | undefined> =>
    /^maasha_config_last_reload_successful (\d)$/m.exec(await get('/metrics'))?.[1];
  expect(await accepted()).toBe('1');
  written('nowhere');
  child?.kill('SIGHUP');
  await vi.waitFor(async () => {
    expect(await accepted()).toBe('0');
  }, 10_000);
  expect(await get('/sd')).toContain('"region":"dead"');
  written();
  child?.kill('SIGHUP');
  await vi.waitFor(async () => {
    expect(await accepted()).toBe('1');
  }, 10_000);
});

it('tells as JSON, for a log collector', async () => {
  const said = await serving('--log', 'json');
  const [first = ''] = said.split('\n');
  expect(JSON.parse(first)).toMatchObject({ event: 'said', level: 30 });
});

it('is no trial run', async () => {
  written();
  const { code, stderr } = await maasha('run', '--probe-only', '--dry-run', '-c', file);
  expect(code).toBe(2);
  expect(stderr).toContain("'--probe-only' cannot be used with option '--dry-run'");
});

it('says in which way its address cannot be had', async () => {
  written();
  const elsewhere = join(folder, 'elsewhere.yaml');
  writeFileSync(
    elsewhere,
    `listen: { host: 192.0.2.1, port: 9877 }
regions:
  - name: dead
    vip: 127.31.98.39
    maas_url: http://127.31.98.39:39999/MAAS
    nodes: [{ name: rc1, address: 127.31.98.32 }, { name: rc2, address: 127.31.98.33 }]
`,
  );
  const { code, stderr } = await ended(spawnMaasha(['run', '--probe-only', '-c', elsewhere]));
  rmSync(elsewhere);
  expect(code).toBe(2);
  expect(stderr).toContain('cannot serve HTTP at 192.0.2.1:9877');
});
