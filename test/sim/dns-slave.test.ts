import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { seconds } from '../../src/core/time.ts';
import { systemClock } from '../../src/io/clock.ts';
import { SimDnsServer } from './dns-server.ts';
import { SimSlave } from './dns-slave.ts';

let master: SimDnsServer;
let server: SimDnsServer;
let slave: SimSlave;

beforeEach(async () => {
  master = await SimDnsServer.start({ host: '127.0.0.1', port: 0 });
  server = await SimDnsServer.start({ host: '127.0.0.1', port: 0 });
  master.zones.set('maas3', { serial: 105 });
  server.zones.set('maas3', { serial: 100 });
  slave = new SimSlave(server, master.endpoint, systemClock);
});

afterEach(async () => {
  slave.close();
  await Promise.all([master.close(), server.close()]);
});

const serial = (): number | undefined => server.zones.get('maas3')?.serial;

describe('SimSlave', () => {
  it('takes over what is newer', async () => {
    await slave.refresh();
    expect(serial()).toBe(105);
  });

  it('ignores a master that went backwards', async () => {
    await slave.refresh();
    master.zones.set('maas3', { serial: 34 });
    await slave.refresh();
    expect(serial()).toBe(105);
  });

  it('keeps what it has while it is cut off, or its master is silent', async () => {
    slave.cut = true;
    await slave.refresh();
    slave.cut = false;
    master.mode = 'lame';
    await slave.refresh();
    expect(serial()).toBe(100);
  });

  it('refreshes by itself', async () => {
    slave.follow(seconds(0.01));
    await vi.waitFor(() => {
      expect(serial()).toBe(105);
    });
    master.zones.set('maas3', { serial: 106 });
    await vi.waitFor(() => {
      expect(serial()).toBe(106);
    });
  });
});
