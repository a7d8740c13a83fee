import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { discover } from '../../../src/analysis/discover/find.ts';
import type { Given } from '../../../src/analysis/discover/found.ts';
import { toYaml } from '../../../src/analysis/discover/yaml.ts';
import { loadConfig, type Config } from '../../../src/config/load.ts';
import { FAILURE_CODES } from '../../../src/core/failure.ts';
import type { Ports } from '../../../src/core/ports/ports.ts';
import { Secret } from '../../../src/core/secret.ts';
import { seconds } from '../../../src/core/time.ts';
import { RC1, RC2, VIP } from '../../checks/healthy-region.ts';
import { failingPorts, healthyPorts } from '../../checks/healthy.ts';

const folder = mkdtempSync(join(tmpdir(), 'maasha-discover-'));
const PASSWORD = 'never-in-the-file';
const passwordFile = join(folder, 'password');
writeFileSync(passwordFile, PASSWORD);

const given = (changes: Partial<Given> = {}): Given => ({
  region: 'maas3',
  vip: VIP,
  nodes: [
    { name: 'rc1', address: RC1 },
    { name: 'rc2', address: RC2 },
  ],
  clusters: [],
  zones: [],
  pcp: { user: 'root', passwordFile },
  postgres: { user: 'maasha', passwordFile, database: 'maasdb' },
  ...changes,
});

async function look(ports: Ports, of = given()) {
  const password = new Secret(PASSWORD);
  const said: string[] = [];
  const found = await discover(of, {
    io: ports,
    pcpPassword: password,
    postgresPassword: password,
    say: (line) => said.push(line),
  });
  const yaml = toYaml(of, found);
  return { found, yaml, said, config: load(yaml) };
}

function load(yaml: string): Config {
  const file = join(folder, 'maasha.yaml');
  writeFileSync(file, yaml);
  return loadConfig(file, { checks: [], scheduleProblem: () => undefined });
}

/** The same ports, and every address that something was sent to. */
function watched(ports: Ports): { ports: Ports; asked: Set<string> } {
  const asked = new Set<string>();
  const note = (port: object): object =>
    new Proxy(port, {
      get:
        (target, call) =>
        (first: unknown, ...rest: unknown[]) => {
          for (const [address] of JSON.stringify(first).matchAll(/\d+\.\d+\.\d+\.\d+/g))
            asked.add(address);
          return (Reflect.get(target, call) as (...all: unknown[]) => unknown)(first, ...rest);
        },
    });
  const all = Object.entries(ports).map(([name, port]) => [name, note(port as object)] as const);
  return { ports: Object.fromEntries(all) as unknown as Ports, asked };
}

it('makes a valid configuration of a region in which all is well', async () => {
  const { config, yaml } = await look(healthyPorts());
  const [region] = config.regions;
  expect(region).toMatchObject({ vip: VIP, generation: 1, marker: { port: 80, path: '/node' } });
  expect(region?.pgpool?.pcp?.user).toBe('root');
  expect(region?.dns?.zones).toContain('maas4');
  expect(region?.proxy?.ports).toEqual([3128, 8000]);
  expect(yaml).not.toContain(PASSWORD);
});

it.each(FAILURE_CODES)('is valid, and says why, where nothing can be seen: %s', async (code) => {
  const { config, yaml } = await look(failingPorts(code));
  expect(config.regions[0]?.nodes).toHaveLength(2);
  expect(yaml).toContain(`it is ${code}`);
});

it('without any account it is still of use', async () => {
  const { config } = await look(healthyPorts(), given({ pcp: undefined, postgres: undefined }));
  expect(config.regions[0]?.dns?.zones).toContain('maas4');
  expect(config.regions[0]?.postgres).toBeUndefined();
});

it('asks only at addresses that were given, whatever else is named', async () => {
  const { ports, asked } = watched(healthyPorts());
  const { yaml, config } = await look(ports, given({ nodes: [{ name: 'rc1', address: RC1 }] }));
  expect([...asked].sort()).toEqual([RC1, VIP]);
  expect(yaml).toMatch(new RegExp(`# .* names ${RC2}, which was not given`));
  expect(config.regions[0]?.nodes).toHaveLength(1);
});

const HOSTILE = 'x"\n    vip: "10.0.0.1"\n# \u001b[2J: {[*&!|>\u202e';

it('nothing that a server sends leaves its comment', async () => {
  const list = [{ uuid: HOSTILE.slice(0, 60), status: 1, name: HOSTILE, cluster_name: HOSTILE }];
  const loops = { eventloops: { [HOSTILE]: [[HOSTILE.slice(0, 60), 5250]] } };
  const ports = healthyPorts({
    http: {
      get: async (url) => ({
        status: 200,
        headers: {},
        body: JSON.stringify(url.includes('/rpc/') ? loops : list),
        took: seconds(0.01),
      }),
    },
  });
  const { config, yaml } = await look(ports, given({ postgres: undefined }));
  expect(config.regions).toHaveLength(1);
  expect(config.regions[0]?.vip).toBe(VIP);
  expect(yaml).not.toMatch(/[\u001b\u202e]/);
});
