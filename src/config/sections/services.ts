import { z } from 'zod';
import type { Region } from '../../core/region.ts';
import { httpUrl, port, text } from '../fields.ts';
import { source, sourceWith, toSource } from './source.ts';

/* What runs on the nodes beside the database and DNS: the proxy, the web server, the fence; and who is declared primary. */

export const proxy = z.strictObject(
  {
    ports: z.array(port, 'a list of ports').min(1, 'at least one port'),
    object: httpUrl.optional(),
    expect: text('words that the object must contain').optional(),
  },
  'a section: { ports: [8000, 3128], object: http://… }',
);

export const app = z.strictObject(
  {
    status_path: text('a path such as /server-status')
      .regex(/^\/\S*$/, 'a path such as /server-status')
      .optional(),
  },
  'a section: { status_path: /server-status }',
);

export const fencing = z.strictObject(
  {
    role: text('MAAS’s own role in the database').default('maas'),
    reports: z
      .record(z.string(), source, 'by the node’s name, where its own word is read')
      .default({}),
  },
  'a section: { role: maas, reports: { rc1: { pushed: fence-rc1 } } }, or {}',
);

const PATTERN = 'a regular expression with a group: ^primary: *(\\S+)';

export const declaredIn = sourceWith({
  pattern: text(PATTERN)
    .refine((pattern) => groupsIn(pattern) >= 1, PATTERN)
    .optional(),
});

function groupsIn(pattern: string): number {
  try {
    return (new RegExp(`${pattern}|`).exec('')?.length ?? 0) - 1;
  } catch {
    return -1;
  }
}

interface Raw {
  readonly proxy?: z.infer<typeof proxy> | undefined;
  readonly app?: z.infer<typeof app> | undefined;
  readonly fencing?: z.infer<typeof fencing> | undefined;
  readonly declared_in?: z.infer<typeof declaredIn> | undefined;
}

export const toServices = (raw: Raw): Pick<Region, 'proxy' | 'app' | 'fencing' | 'declaredIn'> => ({
  ...(raw.proxy !== undefined && { proxy: toProxy(raw.proxy) }),
  ...(raw.app !== undefined && {
    app: { ...(raw.app.status_path !== undefined && { statusPath: raw.app.status_path }) },
  }),
  ...(raw.fencing !== undefined && {
    fencing: {
      role: raw.fencing.role,
      reports: Object.fromEntries(
        Object.entries(raw.fencing.reports).map(([node, given]) => [node, toSource(given)]),
      ),
    },
  }),
  ...(raw.declared_in !== undefined && {
    declaredIn: {
      source: toSource(raw.declared_in),
      ...(raw.declared_in.pattern !== undefined && { pattern: raw.declared_in.pattern }),
    },
  }),
});

const toProxy = ({
  ports,
  object,
  expect,
}: z.infer<typeof proxy>): NonNullable<Region['proxy']> => ({
  ports,
  ...(object !== undefined && { object: { url: object, ...(expect !== undefined && { expect }) } }),
});
