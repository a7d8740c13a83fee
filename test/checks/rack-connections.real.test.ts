import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import racks from '../../checks/rack-connections.ts';
import { says, startMaas, type MaasLab } from '../support/maas-look.ts';
import { asMaas } from '../support/maas-pair.ts';
import { cutOff, HEALTHY, idOf, older } from '../support/maas-second.ts';
import type { Pair } from '../support/postgres.ts';

describe('racks', { timeout: 60_000 }, () => {
  let lab: MaasLab;
  let pair: Pair;
  const look: MaasLab['look'] = (...given) => lab.look(...given);

  beforeAll(async () => {
    lab = await startMaas(2);
    pair = lab.pair;
  });
  beforeEach(() => asMaas(pair, HEALTHY));
  afterAll(() => lab.stop());

  it('that lack some connections are partly connected', async () => {
    await asMaas(pair, cutOff('maas4.example.net', 3));
    const ran = await look(racks);
    expect(ran.values['maasha_rack_connections_missing{rack="maas4"}']).toBe(3);
    expect(ran.alerts).toEqual(['MaasHaRackPartlyConnected maas4']);
    expect(says(ran)).toContain('maas4.example.net: is connected to 5 of 8 region processes');
  });

  it('that have no connection are disconnected, and not partly', async () => {
    await asMaas(pair, cutOff('maas4.example.net'));
    const ran = await look(racks);
    expect(ran.values['maasha_racks_connected{}']).toBe(2);
    expect(ran.alerts).toEqual(['MaasHaRackDisconnected maas4']);
    expect(ran.inapplicable).toContain('maasha_rack_connections_missing{rack="maas4"}');
  });

  it('count connections to living processes only', async () => {
    await asMaas(
      pair,
      older(5, `region_id = ${idOf('rc2')}`) +
        `DELETE FROM maasserver_regionrackrpcconnection c USING maasserver_regioncontrollerprocessendpoint e
            WHERE e.id = c.endpoint_id AND e.address = '172.31.16.32' AND c.rack_controller_id = ${idOf('MAAS5')}`,
    );
    const ran = await look(racks);
    expect(ran.alerts).toEqual(['MaasHaRackDisconnected maas5']);
    expect(says(ran)).toContain('maas4.example.net: is connected to 4 of 4 region processes');
  });

  it('are all disconnected when nobody is connected', async () => {
    await asMaas(pair, 'DELETE FROM maasserver_regionrackrpcconnection');
    const ran = await look(racks);
    expect(ran.alerts).toContain('MaasHaAllRacksDisconnected');
    expect(ran.values['maasha_racks_connected{}']).toBe(0);
  });

  it('of a name that MAAS does not know, and none at all', async () => {
    const clusters = [{ name: 'maas6', address: '172.31.16.36', services: [] }];
    const ran = await look(racks, { clusters });
    expect(says(ran)).toContain('maas6: MAAS knows no rack of this host name');
    expect(ran.inapplicable).toContain('maasha_rack_connected{rack="maas6"}');
    await asMaas(pair, 'UPDATE maasserver_node SET node_type = 0 WHERE node_type = 2');
    const none = await look(racks);
    expect(none.alerts).toEqual([]);
    expect(none.inapplicable).toContain('maasha_racks_connected{}');
  });

  it('on the region controllers themselves are known by the names of the nodes', async () => {
    await asMaas(pair, `UPDATE maasserver_node SET node_type = 4 WHERE hostname = 'rc1'`);
    expect((await look(racks)).alerts).toEqual(['MaasHaRackDisconnected rc1']);
  });
});
