import { z } from 'zod';
import { markerNotes, readMarker } from '../src/analysis/owner/marker.ts';
import {
  claim,
  learn,
  learntSchema,
  machines,
  responders,
  strangers,
  wireNotes,
  withoutWire,
  type Learnt,
  type Wire,
} from '../src/analysis/owner/wire.ts';
import { defineCheck, gap, remember, skip, type Note } from '../src/core/check.ts';
import { CheckFailure, toFailure, type FailureCode } from '../src/core/failure.ts';
import type { ArpReport } from '../src/core/ports/arp.ts';
import type { Ports } from '../src/core/ports/ports.ts';
import type { Region } from '../src/core/region.ts';
import type { Rule } from '../src/core/rule.ts';
import { seconds } from '../src/core/time.ts';

/** Asking takes two seconds, whoever answers. */
const ARP = { timeout: seconds(3) };
/** A name is short; what is longer is no marker. */
const GET = { timeout: seconds(2), maxBytes: 4096 };

const rules: readonly Rule[] = [
  {
    name: 'MaasHaVipDuplicate',
    severity: 'critical',
    metric: responders,
    when: { above: 1 },
    for: seconds(0),
    confirm: true,
    summary:
      '{value} machines answer for the virtual address: clients flap between them, and ping shows nothing',
  },
  {
    name: 'MaasHaVipStranger',
    severity: 'critical',
    metric: strangers,
    when: { above: 0 },
    for: seconds(15),
    inhibitedBy: [{ alert: 'MaasHaVipDuplicate' }],
    summary: 'A machine that is no node of the region answers for the virtual address',
  },
];

const remembered = z.object({ macs: learntSchema });

/** What a look can be made by in such a region. */
const methodsOf = ({ interface: name, marker, vip }: Region) => ({
  wire: name === undefined || vip.includes(':') ? undefined : name,
  marker,
});

const NOTHING = 'neither `interface` (for ARP, which is of IPv4) nor `marker` is configured';

export default defineCheck({
  name: 'vip-witness',
  about:
    'Which machines answer for the virtual address, by ARP on the wire and by the marker page.',
  every: '15s',
  timeout: seconds(8),
  absence: (region) => {
    const { wire, marker } = methodsOf(region);
    return wire === undefined && marker === undefined ? NOTHING : undefined;
  },
  metrics: [claim, responders, strangers],
  rules,
  run: async (region, { io, memory }) => {
    const { wire, marker } = methodsOf(region);
    if (wire === undefined && marker === undefined) return [skip('vip', 'config', NOTHING)];
    const before = remembered.safeParse(memory).data?.macs ?? {};
    const notes = await Promise.all([
      wire === undefined ? withoutWire(region) : lookAtWire(region, wire, io, before),
      marker === undefined ? [] : lookAtMarkers(region, marker, io),
    ]);
    return notes.flat();
  },
});

/** For want of these the wire cannot be looked at from here; that is nobody's fault. */
const NO_ACCESS: readonly FailureCode[] = ['no_privilege', 'config', 'unreachable'];

async function lookAtWire(
  region: Region,
  name: string,
  io: Ports,
  before: Learnt,
): Promise<readonly Note[]> {
  const ask = (address: string): Promise<ArpReport | CheckFailure> =>
    io.arp.whoHas(address, { ...ARP, interface: name }).catch(toFailure);
  const [vip, ...answers] = await Promise.all([
    ask(region.vip),
    ...region.nodes.map(({ address }) => ask(address)),
  ]);
  if (vip instanceof CheckFailure) return [cannotAsk(vip), remember({ macs: before })];
  const nodes = region.nodes.map((node, index) => ({ node, report: reportOf(answers[index]) }));
  const learnt = learn({ nodes }, before);
  const wire: Wire = { interface: name, vip, nodes, servers: [] };
  const servers = machines(wire, learnt).some(({ is }) => is === 'stranger')
    ? await Promise.all(
        region.trustedServers.map(async (server) => ({
          name: server,
          report: reportOf(await ask(server)),
        })),
      )
    : [];
  return [...wireNotes({ ...wire, servers }, learnt), remember({ macs: learnt })];
}

const cannotAsk = (failure: CheckFailure): Note =>
  NO_ACCESS.includes(failure.code)
    ? skip('arp', failure.code, failure.message)
    : gap('arp', failure);

const reportOf = (answer: ArpReport | CheckFailure | undefined): ArpReport | undefined =>
  answer instanceof CheckFailure ? undefined : answer;

async function lookAtMarkers(
  { vip, nodes }: Region,
  { port, path }: NonNullable<Region['marker']>,
  io: Ports,
): Promise<readonly Note[]> {
  const get = async (address: string) => {
    const host = address.includes(':') ? `[${address}]` : address;
    const reply = io.http.get(`http://${host}:${port}${path}`, GET).catch(toFailure);
    return readMarker(await reply, nodes);
  };
  const [atVip, own] = await Promise.all([
    get(vip),
    Promise.all(nodes.map(async ({ name, address }) => ({ name, said: await get(address) }))),
  ]);
  return markerNotes(atVip, own);
}
