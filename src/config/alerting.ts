import { z } from 'zod';
import { Secret } from '../core/secret.ts';
import { parseDuration, seconds, type Seconds } from '../core/time.ts';
import { duration, file, httpUrl, name, text } from './fields.ts';

/*
 * The shape of `alerting:`. Which channels there are is not known here: each brings the schema of its
 * own section, and all sections share a few keys that say what the channel is told.
 */

/** A channel as far as the configuration is concerned: its key, and a zod object for its section. */
export interface KnownChannel {
  readonly name: string;
  readonly settings: z.ZodType;
}

const SEVERITY = 'critical, warning or info';

const WHAT_IT_IS_TOLD = {
  name: name.optional(),
  severity: z.enum(['critical', 'warning', 'info'], SEVERITY).default('warning'),
  regions: z.array(name, 'a list of regions').optional(),
  escalation: z
    .int('0, 1 or 2')
    .min(0, '0, 1 or 2')
    .max(2, '0 (at once), 1 or 2 (only when an alert has escalated so far)')
    .default(0),
};

const LOCAL_TIME = 'a local time such as "2026-11-24 22:00"';
const CLOCK_TIME = 'a time of the day such as "02:00"';
const LENGTH = 'a duration such as 90m or 2h, a week at most';
const isLength = (text: string): boolean => {
  const length = parseDuration(text);
  return length !== undefined && length > 0 && length <= 7 * 86_400;
};
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const localTime = z.string(LOCAL_TIME).regex(/^\d{4}-\d\d-\d\d [0-2]\d:[0-5]\d$/, LOCAL_TIME);

const ZONE = 'a time zone such as Europe/Berlin, or UTC';
const zoneName = z.string(ZONE).refine((zone) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}, ZONE);

const scope = {
  name,
  region: name.optional(),
  rules: z.array(z.string(), 'a list of alert names').optional(),
  labels: z.record(z.string(), z.string(), 'labels, such as { node: rc2 }').optional(),
  zone: zoneName.default('UTC'),
};

const window = z.union(
  [
    z.strictObject({ ...scope, from: localTime, to: localTime }),
    z.strictObject({
      ...scope,
      weekly: z.strictObject(
        {
          on: z.array(z.enum(DAYS, `one of ${DAYS.join(', ')}`), 'a list of days').min(1, 'a day'),
          at: z.string(CLOCK_TIME).regex(/^([01]\d|2[0-3]):[0-5]\d$/, CLOCK_TIME),
          for: z.string(LENGTH).refine(isLength, LENGTH),
        },
        'when it begins and how long it lasts: { on: [sun], at: "02:00", for: 2h }',
      ),
    }),
  ],
  'a window: { name, from: "2026-11-24 22:00", to: "2026-11-24 23:30", zone: Europe/Berlin } or { name, weekly: { on: [sun], at: "02:00", for: 2h } }',
);

const deadMan = z.strictObject(
  { url: httpUrl, every: duration.default(seconds(60)) },
  'a section: { url: https://…, every: 60s }',
);

const common = {
  /** Where alerts, deliveries and the journal are kept. */
  state: text('a folder for what must survive a restart').optional(),
  monitor: name.optional(),
  public_url: httpUrl.optional(),
  dashboard_url: httpUrl.optional(),
  api_token_file: file.optional(),
  dead_man: deadMan.optional(),
  maintenance: z.array(window, 'a list of maintenance windows').default([]),
};

const section = z.strictObject(common, 'a section with the channels');
export type RawAlerting = z.infer<typeof section>;

/** The section with the keys of these channels: for each one section or a list of them. */
export function alertingSchema(channels: readonly KnownChannel[]): z.ZodType {
  const sections = channels.map(({ name: key, settings }) => {
    const own = settings instanceof z.ZodObject ? settings.safeExtend(WHAT_IT_IS_TOLD) : settings;
    const form = `a section for ${key}, or a list of such sections that each have a name`;
    return [key, z.union([own, z.array(own).min(1, form)], form).optional()] as const;
  });
  return section.extend(Object.fromEntries(sections)).optional();
}

/** One channel as it is configured. */
export interface ChannelConfig {
  /** Its own name, for people and for the deliveries. */
  readonly name: string;
  /** Which file in alerts/notifiers/ it is. */
  readonly notifier: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly regions?: readonly string[];
  readonly escalation: number;
  /** What its own schema made of the rest. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The contents of the files that its settings name. */
  readonly secret: (key: string) => Secret | undefined;
}

export interface Alerting {
  /** The absolute path of the folder for what must survive a restart. */
  readonly state?: string;
  readonly monitor?: string;
  readonly publicUrl?: string;
  readonly dashboardUrl?: string;
  readonly apiToken?: Secret;
  /** Whoever knows the URL can pretend that the monitor lives. */
  readonly deadMan?: { readonly url: Secret; readonly every: Seconds };
  readonly maintenance: readonly Maintenance[];
  readonly channels: readonly ChannelConfig[];
}

/** A time in which maintenance is planned: once, or every week. */
export type Maintenance = {
  readonly name: string;
  readonly zone: string;
  readonly region?: string;
  readonly rules?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
} & (
  | { readonly from: string; readonly to: string }
  | {
      readonly weekly: {
        readonly on: readonly (typeof DAYS)[number][];
        readonly at: string;
        readonly for: string;
      };
    }
);

function toMaintenance(raw: z.infer<typeof window>): Maintenance {
  const { region, rules, labels, ...rest } = raw;
  return {
    ...rest,
    ...(region !== undefined && { region }),
    ...(rules !== undefined && { rules }),
    ...(labels !== undefined && { labels }),
  };
}

type ReadSecret = (path: readonly PropertyKey[], file: string) => Secret;

/** The section as the runtime sees it. */
export function toAlerting(
  raw: RawAlerting & Readonly<Record<string, unknown>>,
  keys: readonly string[],
  secret: ReadSecret,
): Alerting {
  const sections = keys.flatMap((key) => {
    const found = raw[key];
    if (Array.isArray(found))
      return found.map((section: Section, index) => ({ key, section, path: [key, index] }));
    return found === undefined ? [] : [{ key, section: found as Section, path: [key] }];
  });
  return {
    ...(raw.state !== undefined && { state: raw.state }),
    ...(raw.monitor !== undefined && { monitor: raw.monitor }),
    ...(raw.public_url !== undefined && { publicUrl: raw.public_url.replace(/\/+$/, '') }),
    ...(raw.dashboard_url !== undefined && { dashboardUrl: raw.dashboard_url }),
    ...(raw.api_token_file !== undefined && {
      apiToken: secret(['api_token_file'], raw.api_token_file),
    }),
    ...(raw.dead_man !== undefined && {
      deadMan: { url: new Secret(raw.dead_man.url), every: seconds(raw.dead_man.every) },
    }),
    maintenance: raw.maintenance.map(toMaintenance),
    channels: sections.map((each) => toChannel(each, secret)),
  };
}

type Section = Readonly<Record<string, unknown>> & {
  readonly name?: string;
  readonly severity: ChannelConfig['severity'];
  readonly regions?: readonly string[];
  readonly escalation: number;
};

function toChannel(
  {
    key,
    section,
    path,
  }: { readonly key: string; readonly section: Section; readonly path: readonly PropertyKey[] },
  secret: ReadSecret,
): ChannelConfig {
  const { name: own, severity, regions, escalation, ...settings } = section;
  const secrets = new Map(
    Object.entries(settings).flatMap(([setting, value]) =>
      setting.endsWith('_file') && typeof value === 'string'
        ? [[setting, secret([...path, setting], value)] as const]
        : [],
    ),
  );
  return {
    name: own ?? key,
    notifier: key,
    severity,
    escalation,
    ...(regions !== undefined && { regions }),
    settings,
    secret: (setting) => secrets.get(setting),
  };
}
