import { asked, most, since } from './asks.ts';
import { REGION_EVENTS } from './events.ts';
import { yesIsBad, yesIsGood } from './look.ts';
import { CHECKS } from './monitor-checks.ts';
import { bars, lines, stat, table, timeline, type Board } from './panels.ts';

export const monitor: Board = {
  name: 'monitor',
  title: 'Monitor and notifications',
  about: 'Does the monitor look, does it look in time, and do its messages arrive.',
  variables: [],
  events: REGION_EVENTS,
  panels: {
    ...CHECKS,
    answers: timeline({
      title: 'Answers Prometheus',
      about:
        'Whether Prometheus got what it asked for: from each monitor, and, where Prometheus probes by itself, from each instance that it probes through. Where that fails, nothing is known.',
      asks: [
        {
          expr: (q) => `min by (job, instance) (${q.scraped('up')})`,
          legend: '{{job}} {{instance}}',
        },
      ],
      absent: 'Prometheus asks no monitor',
      words: yesIsGood('no answer', 'answers'),
    }),
    channels: timeline({
      title: 'Channels deliver',
      about:
        'A channel fails when a critical message waits for too long, when it is parked, or when its self-test fails: then alerts do not reach who reads it.',
      asks: [most('maasha_monitor_delivery_failing', '{{channel}}')],
      absent: 'no channel, or not known',
      words: yesIsBad('delivers', 'fails'),
    }),
    keeps: stat({
      title: 'Store',
      about:
        'Whether what is to be told survives the end of the monitor, and whether a broken store had to be begun anew.',
      asks: [
        most('maasha_monitor_store_durable', 'writes'),
        {
          expr: (q) => `10 + ${q.max('maasha_monitor_store_replaced')}`,
          legend: '{{region}} begun anew',
        },
      ],
      unit: 'none',
      absent: 'unknown',
      words: { ...yesIsGood('in memory only', 'durable'), 10: ['no', 'good'], 11: ['yes', 'warn'] },
    }),
    deadMan: stat({
      title: 'Watcher outside',
      about:
        'Whether the dead man’s switch takes the pings. Without it nobody notices the end of the monitor.',
      asks: [most('maasha_monitor_dead_man_failing', 'failing')],
      unit: 'none',
      absent: 'none configured, or unknown',
      words: yesIsBad('takes pings', 'takes none', 'warn'),
    }),
    config: stat({
      title: 'Configuration',
      about:
        'Whether the newest configuration is in force, or was refused so that the one before still is.',
      asks: [
        most('maasha_config_last_reload_successful', '{{instance}}'),
        {
          expr: (q) => `10 + ${q.max('maasha_monitor_config_rejected')}`,
          legend: 'judged',
        },
      ],
      unit: 'none',
      absent: 'unknown',
      words: {
        ...yesIsGood('refused', 'in force', 'warn'),
        10: ['in force', 'good'],
        11: ['refused', 'warn'],
      },
    }),
    standing: lines({
      title: 'Alerts that go on',
      about: 'By how they stand. Stale: not seen any more, and not over either.',
      asks: [
        {
          expr: (q) => `sum by (region, standing) (${q.max('maasha_alerts_standing')})`,
          legend: '{{region}} {{standing}}',
        },
      ],
      unit: 'short',
      absent: 'none, or the service does not run',
      min: 0,
      stacked: true,
    }),
    outbox: lines({
      title: 'Messages, by how far they are',
      about:
        'Messages of live episodes. Queued ones must leave soon; doubtful: nobody can know whether it arrived; dead: given up.',
      asks: [most('maasha_outbox_deliveries', '{{channel}} {{stage}}')],
      unit: 'short',
      absent: 'no channel, or the service does not run',
      min: 0,
      stacked: true,
      alerts: ['MaasHaMonitorDeliveryFailing'],
    }),
    oldest: lines({
      title: 'Oldest message that waits',
      about:
        'How long the oldest message that is due has waited for each channel; 0 while none waits.',
      asks: [most('maasha_monitor_delivery_oldest_seconds', '{{channel}}')],
      unit: 's',
      absent: 'no channel, or not known',
      min: 0,
      alerts: ['MaasHaMonitorDeliveryFailing'],
    }),
    givenUp: bars({
      title: 'Messages given up within the last hour',
      about: 'By channel. They are told through the other channels.',
      asks: [most('maasha_monitor_delivery_given_up', '{{channel}}')],
      unit: 'short',
      absent: 'no channel, or not known',
      min: 0,
      alerts: ['MaasHaMonitorDeliveryFailing'],
    }),
    silences: stat({
      title: 'Silences',
      about:
        'Silences that were made and not removed, ended ones included until the next hourly clearing.',
      asks: [most('maasha_silences')],
      unit: 'none',
      absent: 'the service does not run',
    }),
    path: timeline({
      title: 'Way of the alerts',
      about:
        'Whether the way to a channel leads through a region that it has to report on: its address, its name server or its proxy.',
      asks: [most('maasha_monitor_alert_path_through_region', '{{channel}}')],
      absent: 'no channel, or not known',
      words: yesIsBad('by itself', 'through the region', 'warn'),
    }),
    clock: lines({
      title: 'Clock',
      about:
        'Steps of the monitor’s wall clock within ten minutes, how far its clock is from that of Prometheus, and how long the watcher outside has heard nothing.',
      asks: [
        most('maasha_monitor_clock_jump_seconds', 'jump'),
        {
          expr: (q) =>
            `max by (instance) (timestamp(${q.series('maasha_heartbeat_timestamp_seconds')}) - ${q.series('maasha_heartbeat_timestamp_seconds')})`,
          legend: '{{instance}} behind Prometheus',
        },
        most('maasha_monitor_dead_man_silent_seconds', 'watcher outside'),
      ],
      unit: 's',
      absent: 'unknown',
      limits: ['maasha_monitor_clock_jump_seconds'],
    }),
    process: lines({
      title: 'CPU of the monitor',
      about: 'Processor time per second: 1 is one core.',
      asks: [
        {
          expr: (q) =>
            `max by (instance) (rate(${q.scraped('process_cpu_seconds_total')}[$__rate_interval]))`,
          legend: '{{instance}}',
        },
      ],
      unit: 'percentunit',
      absent: 'unknown',
      min: 0,
    }),
    memory: lines({
      title: 'Memory of the monitor',
      about: 'Resident memory. It must not grow without end.',
      asks: [
        {
          expr: (q) => `max by (instance) (${q.scraped('process_resident_memory_bytes')})`,
          legend: '{{instance}}',
        },
      ],
      unit: 'bytes',
      absent: 'unknown',
      min: 0,
    }),
    scrapes: lines({
      title: 'Scrapes: time',
      about: 'How long Prometheus waits for each answer; the slowest of each job and instance.',
      asks: [
        {
          expr: (q) => `max by (job, instance) (${q.scraped('scrape_duration_seconds')})`,
          legend: '{{job}} {{instance}}',
        },
      ],
      unit: 's',
      absent: 'Prometheus asks no monitor',
      min: 0,
    }),
    samples: lines({
      title: 'Scrapes: samples',
      about:
        'How many samples each job and instance gives; the number of series follows the number of regions.',
      asks: [
        {
          expr: (q) => `sum by (job, instance) (${q.scraped('scrape_samples_scraped')})`,
          legend: '{{job}} {{instance}}',
        },
      ],
      unit: 'short',
      absent: 'Prometheus asks no monitor',
      min: 0,
    }),
    builds: table({
      title: 'Monitors',
      about: 'Which version runs where, and since when its configuration is in force.',
      asks: [
        asked((q) => q.max('maasha_build_info')),
        since('maasha_config_last_reload_success_timestamp_seconds'),
      ],
      absent: 'unknown',
      columns: [
        { of: 'instance', title: 'Instance' },
        { of: 'version', title: 'Version' },
        { of: 'runtime', title: 'Runtime' },
        { of: 'B', title: 'Configuration in force for', unit: 's' },
      ],
    }),
  },
};
