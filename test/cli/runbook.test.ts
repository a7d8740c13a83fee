import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ended, maasha, says, spawnMaasha } from '../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-runbook-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const oneRegion = (name: string): string => `
  - name: ${name}
    vip: 127.31.98.39
    maas_url: http://127.31.98.39:39999/MAAS
    nodes:
      - { name: rc1, address: 127.31.98.32 }
      - { name: rc2, address: 127.31.98.33 }
    dns: { master_port: 39997, slave_port: 39996, zones: [maas3] }`;
const write = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const socket = join(folder, 'http.sock');
const one = write('one.yaml', `listen: { socket: ${socket} }\nregions:${oneRegion('dead')}\n`);
const two = write(
  'two.yaml',
  `regions:${oneRegion('dead')}${oneRegion('deader').replaceAll('127.31.98', '127.31.97')}\n`,
);

interface Answer {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}
const get = (path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    request({ socketPath: socket, path, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.once('end', () => {
        resolve({ status: response.statusCode, type: response.headers['content-type'], body });
      });
    })
      .once('error', reject)
      .end();
  });

describe('maasha runbook', { concurrent: true }, () => {
  it('lists the runbooks with the severity of their alerts', async () => {
    const { code, stdout } = await maasha('runbook');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^critical {2}MaasHaTwoPrimaries /m);
    expect(stdout).toMatch(/^warning {3}MaasHaNodeDown /m);
  });

  it('prints one for the configured region, and marks what is not known', async () => {
    const { code, stdout } = await maasha('runbook', 'MaasHaTwoPrimaries', '-c', one, '--no-look');
    expect(code).toBe(0);
    expect(stdout).toContain('rc1 (`ssh 127.31.98.32`), then rc2 (`ssh 127.31.98.33`)');
    expect(stdout).toContain('⟨kept⟩');
    expect(stdout).toContain('--region dead --set NAME=VALUE');
  });

  it('looks at the region, and fills in what the alert is about', async () => {
    const { stdout } = await maasha('runbook', 'MaasHaDnsSlaveDown', '-c', one);
    expect(stdout).toMatch(/^- run: `dig @127\.31\.98\.3[23] -p 39996 /m);
  });

  it('takes facts that the operator found out', async () => {
    const { stdout } = await maasha(
      ...['runbook', 'MaasHaDnsSlaveDown', '-c', one, '--no-look', '--set', 'node=rc2'],
    );
    expect(stdout).toContain('The slave DNS on rc2 does not answer');
  });

  it('refuses a fact that the configuration does not know', async () => {
    const { code, stderr } = await maasha(
      ...['runbook', 'MaasHaDnsSlaveDown', '-c', one, '--no-look', '--set', 'node=rc2;reboot'],
    );
    expect(code).toBe(2);
    expect(stderr).toContain('node=rc2;reboot is no fact for a runbook');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('prints it as it is written where that is asked for', async () => {
    const { code, stdout } = await maasha('runbook', 'MaasHaVipUnreachable', '--raw', '-c', one);
    expect(code).toBe(0);
    expect(stdout).toContain('The virtual address {vip} answers neither');
  });

  it('refuses an alert that has none', async () => {
    const { code, stderr } = await maasha('runbook', '../../package');
    expect(code).toBe(2);
    expect(stderr).toContain('has no runbook');
  });

  it('asks which region, where there are several', async () => {
    const { code, stderr } = await maasha('runbook', 'MaasHaNodeDown', '-c', two, '--no-look');
    expect(code).toBe(2);
    expect(stderr).toContain('--region is one of dead, deader');
  });

  it('is served by the monitor at /runbooks/<Alert>', async () => {
    const child = spawnMaasha(['run', '-c', one]);
    const end = ended(child);
    try {
      await says(child, /watching dead/);
      const found = await get('/runbooks/MaasHaNodeDown?node=rc2');
      expect(found).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' });
      expect(found.body).toContain('ping -c 3 -W 1 127.31.98.33');
      for (const path of ['MaasHaNone', 'MaasHaNodeDown?node=x', '%2e%2e%2fREADME', 'constructor'])
        expect(await get(`/runbooks/${path}`), path).toMatchObject({ status: 404 });
      expect(await get('/runbooks/MaasHaNodeDown?region=none')).toMatchObject({ status: 400 });
    } finally {
      child.kill('SIGTERM');
      await end;
    }
  });
});
