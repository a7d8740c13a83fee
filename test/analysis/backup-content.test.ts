import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readContent } from '../../src/analysis/backup/content.ts';

const [A, B] = ['5d9a7b0e-0000-4000-8000-000000000034', 'adfd3977-f251-4f2c-8d61-745dbd690bfc'];

it.each<[string, string, 1 | 2, readonly string[]]>([
  ['maas_cluster.conf', `MAAS_URL=http://10.0.0.1/MAAS\nCLUSTER_UUID="${A}"\n`, 1, [A]],
  ['with what was before in a comment', `# CLUSTER_UUID="${B}"\nCLUSTER_UUID=${A}`, 1, [A]],
  ['clusterd.conf', `cluster_uuid: ${A}\nmaas_url: http://10.0.0.1/MAAS\n`, 1, [A]],
  ['what grep prints', `/etc/maas/maas_cluster.conf:CLUSTER_UUID="${A}"`, 1, [A]],
  ['a UUID', `${A.toUpperCase()}\r\n`, 1, [A]],
  ['JSON', `{"uuid": "${A}", "at": 5}`, 1, [A]],
  ['a named one among others', `${B}\ncluster_uuid: ${A}`, 1, [A]],
  ['two', `${A}\n${B}`, 1, [A, B]],
  ['the same twice', `${A} ${A}`, 1, [A]],
  ['pserv.yaml', 'tftp:\n  port: 69\n', 1, []],
  ['an empty value', 'CLUSTER_UUID=""', 1, []],
  ['the UUID of nobody', '00000000-0000-0000-0000-000000000000', 1, []],
  ['part of a longer word', `x${A}0`, 1, []],
  ['a list that is cut off', '{"uuid": "5d9a', 1, []],
  ['maas_id', '4y3h7n\n', 2, ['4y3h7n']],
  ['maas_id in a region of 1.x', '4y3h7n\n', 1, []],
  ['rackd.conf', `cluster_uuid: ${A}\nmaas_url: http://10.0.0.1:5240/MAAS`, 2, [A]],
  ['several words', 'not found on this server', 2, []],
])('reads %s', (_, text, generation, ids) => {
  expect(readContent(text, generation).ids).toEqual(ids);
});

it.each([
  ['{"uuid": "x", "at": 1700000000}', 1_700_000_000],
  ['{"uuid": "x", "at": 1700000000000}', 1_700_000_000],
  ['{"uuid": "x", "at": "2023-11-14T22:13:20Z"}', 1_700_000_000],
  ['{"uuid": "x", "at": "yesterday"}', undefined],
  ['{"uuid": "x", "at": -5}', undefined],
  [A, undefined],
])('knows when %s was made', (text, at) => {
  expect(readContent(text, 1).at).toBe(at);
});

it('never throws, whatever it is given', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom<1 | 2>(1, 2), (text, generation) => {
      expect(readContent(text, generation).ids.length).toBeGreaterThanOrEqual(0);
    }),
  );
});
