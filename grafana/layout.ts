/**
 * Where each panel stands. A dashboard is a list of bands, from top to bottom; a text is the title of the
 * bands below it. A band is a list of columns: how wide it is (of 24), and its panels with their heights. A
 * screen of 1080 lines shows 22 of them.
 */
export type Layout = readonly (string | readonly Column[])[];

export type Column = readonly [width: number, heights: Readonly<Record<string, number>>];

export const LAYOUTS: Readonly<Record<string, Layout>> = {
  region: [
    [
      [4, { verdict: 5 }],
      [4, { survivable: 5 }],
      [5, { spares: 5 }],
      [11, { firing: 5 }],
    ],
    [
      [12, { vipOwner: 4, postgresRole: 4, pgpoolRole: 5, clusters: 4 }],
      [12, { checks: 13, quorum: 4 }],
    ],
    'The virtual address and the nodes',
    [
      [4, { held: 4 }],
      [4, { moves: 4 }],
      [5, { answering: 4 }],
      [5, { open: 4 }],
      [6, { blind: 4 }],
    ],
    [
      [12, { reach: 9, services: 6 }],
      [12, { witnesses: 8, ownership: 7 }],
    ],
    [
      [8, { claims: 7 }],
      [8, { loss: 7 }],
      [8, { roundTrip: 7 }],
    ],
  ],
  database: [
    [
      [4, { primaries: 5 }],
      [4, { leaders: 5 }],
      [7, { sqlByVip: 5 }],
      [9, { poolUse: 5 }],
    ],
    [
      [12, { postgresRole: 4, lagSeconds: 7, replication: 6 }],
      [12, { truth: 4, lagBytes: 7, histories: 6 }],
    ],
    'Replication',
    [
      [8, { agreement: 6 }],
      [8, { replay: 6 }],
      [8, { silent: 6 }],
    ],
    [
      [12, { declared: 6 }],
      [12, { drifting: 6 }],
    ],
    'Capacity',
    [
      [8, { headroom: 6, connectionsUsed: 7 }],
      [8, { headroomTime: 6, connections: 7 }],
      [8, { headroomBytes: 6, latency: 7 }],
    ],
    [
      [8, { slots: 6 }],
      [8, { slotBytes: 6 }],
      [8, { slotIdle: 6 }],
    ],
    'pgpool',
    [
      [12, { poolState: 6, members: 6, separations: 6 }],
      [12, { poolRole: 6, poolFaults: 9, backends: 3 }],
    ],
    [[24, { poolLogin: 6 }]],
  ],
  dns: [
    [
      [4, { master: 5 }],
      [4, { answering: 5 }],
      [4, { regressed: 5 }],
      [12, { expiry: 5 }],
    ],
    [
      [14, { serials: 10, late: 7 }],
      [10, { servers: 10, outside: 4, masterNode: 3 }],
    ],
    'Zones',
    [
      [12, { zones: 9 }],
      [12, { authority: 9 }],
    ],
    [
      [8, { distance: 7 }],
      [8, { outOfStep: 7 }],
      [8, { back: 7 }],
    ],
    'What machines see',
    [
      [5, { resolvers: 6 }],
      [9, { clientAnswers: 6 }],
      [10, { clientWait: 6 }],
    ],
    [
      [12, { resolverWorks: 5 }],
      [12, { clientTime: 5 }],
    ],
    'Content and answers',
    [
      [6, { missing: 4, published: 4 }],
      [6, { differing: 4, publishedSerial: 4 }],
      [6, { content: 8 }],
      [6, { latency: 8 }],
    ],
  ],
  services: [
    [
      [9, { works: 5 }],
      [4, { active: 5 }],
      [4, { certificate: 5 }],
      [7, { attached: 5 }],
    ],
    [
      [12, { application: 4, applications: 5, clusters: 8 }],
      [12, { ready: 5, handshake: 6, racks: 6 }],
    ],
    'After a takeover, and MAAS’s own pages',
    [
      [4, { laggards: 5 }],
      [5, { completed: 5 }],
      [15, { followed: 5 }],
    ],
    [
      [12, { pages: 5, pageTime: 6 }],
      [12, { pagesServed: 5, pagePhases: 6 }],
    ],
    [[24, { webAge: 5 }]],
    'The fence of the passive node',
    [
      [12, { fence: 7 }],
      [12, { fenceSessions: 7 }],
    ],
    [
      [12, { fenceReports: 6 }],
      [12, { fenceHba: 6 }],
    ],
    'The caching proxy',
    [
      [12, { proxyStates: 7 }],
      [12, { proxyWorks: 7 }],
    ],
    [
      [12, { proxyTime: 6 }],
      [12, { proxyCache: 6 }],
    ],
    'Event loops and clusters',
    [
      [12, { clusterLife: 7 }],
      [12, { clusterCounts: 7 }],
    ],
    [
      [8, { loops: 7 }],
      [8, { rpcTime: 7 }],
      [8, { rackMissing: 7 }],
    ],
    'What MAAS says of itself',
    [
      [4, { errors: 5 }],
      [4, { foreignDhcp: 5 }],
      [4, { exposed: 5 }],
      [4, { versions: 5 }],
      [4, { claimed: 5 }],
      [4, { serialBehind: 5 }],
    ],
    [
      [12, { maasServices: 10 }],
      [12, { processes: 4, tableLoops: 6 }],
    ],
    [[24, { serial: 6 }]],
  ],
  clusters: [
    [
      [6, { clustersServing: 5 }],
      [18, { there: 5 }],
    ],
    [
      [12, { served: 10 }],
      [12, { servedUp: 10 }],
    ],
    [
      [12, { servedCount: 6 }],
      [12, { serviceTime: 6 }],
    ],
    'DHCP on the segments',
    [
      [5, { dhcpRogue: 6 }],
      [7, { dhcpDns: 6 }],
      [12, { dhcpServers: 6 }],
    ],
    'Power controllers',
    [
      [5, { bmcCount: 7 }],
      [10, { bmcs: 7 }],
      [9, { bmcHosts: 7 }],
    ],
    'Backups of the UUIDs',
    [
      [6, { backupAge: 6 }],
      [6, { backupThere: 6 }],
      [6, { backupContent: 6 }],
      [6, { backupAgeState: 6 }],
    ],
  ],
  monitor: [
    [
      [5, { keeps: 5 }],
      [4, { deadMan: 5 }],
      [6, { config: 5 }],
      [3, { silences: 5 }],
      [6, { givenUp: 5 }],
    ],
    [
      [12, { answers: 5, standing: 6, oldest: 6 }],
      [12, { channels: 5, outbox: 6, overdue: 6 }],
    ],
    'Checks',
    [
      [8, { age: 7, runs: 7 }],
      [8, { deadline: 7, failures: 7 }],
      [8, { gaps: 7, late: 7 }],
    ],
    [
      [8, { slow: 7 }],
      [8, { durations: 7 }],
      [8, { triggers: 7 }],
    ],
    'The process',
    [
      [8, { process: 6 }],
      [8, { memory: 6 }],
      [8, { clock: 6 }],
    ],
    [
      [8, { scrapes: 6 }],
      [8, { samples: 6 }],
      [8, { builds: 6 }],
    ],
    [
      [8, { probes: 6 }],
      [16, { path: 6 }],
    ],
  ],
};
