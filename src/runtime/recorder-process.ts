import { readdirSync } from 'node:fs';
import { performance as loop } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../core/time.ts';

/*
 * What the process costs and whether its loop is starved, under the names that every dashboard knows. All
 * of it is read at the moment of a scrape. prom-client's own set measures the loop's delay with a timer
 * that fires a hundred times a second, which would be most of what an idle monitor does.
 */

/** Declares all of them in `registry`. */
export function describeProcess(registry: Registry, clock: Clock): void {
  const registers = [registry];
  const started = clock.now() / 1000 - process.uptime();
  for (const [name, help, read] of GAUGES)
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = read();
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  for (const [name, help, read] of COUNTERS)
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process started, since the Unix epoch.',
    registers,
  }).set(started);
  const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
  new Gauge({
    name: 'nodejs_version_info',
    help: 'Version of Node.js, always 1.',
    labelNames: ['version', 'major', 'minor', 'patch'],
    registers,
  }).set({ version: process.version, major, minor, patch }, 1);
  describeLoop(registers, clock);
}

const MICRO = 1e-6;
const MILLI = 1e-3;

const COUNTERS = [
  [
    'process_cpu_user_seconds_total',
    'CPU time that the process spent outside of the kernel.',
    () => process.cpuUsage().user * MICRO,
  ],
  [
    'process_cpu_system_seconds_total',
    'CPU time that the kernel spent for the process.',
    () => process.cpuUsage().system * MICRO,
  ],
  [
    'process_cpu_seconds_total',
    'CPU time of the process, the kernel’s part included.',
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) * MICRO;
    },
  ],
] as const;

const GAUGES: readonly (readonly [string, string, () => number | undefined])[] = [
  [
    'process_resident_memory_bytes',
    'Memory of the process that is in RAM.',
    () => process.memoryUsage.rss(),
  ],
  ['process_open_fds', 'Files and sockets that the process has open.', openFiles],
  [
    'nodejs_heap_size_total_bytes',
    'Memory that the heap of JavaScript has taken.',
    () => process.memoryUsage().heapTotal,
  ],
  [
    'nodejs_heap_size_used_bytes',
    'Memory of the heap that is in use.',
    () => process.memoryUsage().heapUsed,
  ],
  [
    'nodejs_external_memory_bytes',
    'Memory outside of the heap that objects in it hold.',
    () => process.memoryUsage().external,
  ],
];

/** Only Linux tells this in a folder. */
function openFiles(): number | undefined {
  try {
    // One of them reads the folder.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return undefined;
  }
}

/** A starved monitor sees time-outs that are its own: these two tell it from a sick region. */
function describeLoop(registers: Registry[], clock: Clock): void {
  new Counter({
    name: 'nodejs_eventloop_time_seconds_total',
    help: 'Time of the event loop: active is at work, idle is waiting for something to do. The rate of active is how busy the loop is, 1 is starved.',
    labelNames: ['state'],
    registers,
    collect() {
      const { active, idle } = loop.eventLoopUtilization();
      this.reset();
      this.inc({ state: 'active' }, active * MILLI);
      this.inc({ state: 'idle' }, idle * MILLI);
    },
  });
  new Gauge({
    name: 'nodejs_eventloop_lag_seconds',
    help: 'How long the event loop took to come round during this scrape.',
    registers,
    async collect() {
      const asked = clock.steady();
      await new Promise<void>((resolve) => {
        setImmediate(resolve);
      });
      this.set((clock.steady() - asked) * MILLI);
    },
  });
}
