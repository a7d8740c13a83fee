import { shortId } from '../../alerts/notice.ts';
import type { Secret } from '../core/secret.ts';
import type { Seconds } from '../core/time.ts';
import {
  acknowledge,
  CommandError,
  meant,
  NothingFound,
  silence,
  unacknowledge,
  unsilence,
  type Found,
  type SilenceWish,
} from './alert-commands.ts';
import type { Alerting } from './alerting.ts';
import { ACK, ALERTS, EXPLAIN, parse, SILENCE, UNACK, UNSILENCE } from './api-input.ts';
import { isSame } from './api-token.ts';
import {
  alertsView,
  alertView,
  deliveriesView,
  silencesView,
  silenceView,
  type AlertView,
} from './api-views.ts';
import { explainView } from './explain.ts';
import { pictureOf } from './picture.ts';
import {
  json,
  Refused,
  Unavailable,
  type Place,
  type Places,
  type Request,
  type Route,
} from './server.ts';

/*
 * The operator's verbs over HTTP. Whoever has the token may do all of them; without one configured,
 * nobody may do any. No cookie opens them, and no header lets a page of another origin in.
 */

type Verb = (alerting: Alerting, request: Request) => unknown;
type Verbs = Readonly<Partial<Record<'GET' | 'POST', Verb>>>;

const VERBS: Readonly<Record<string, Verbs>> = {
  '/api/alerts': {
    GET: (alerting, { query }) =>
      alertsView(pictureOf(alerting), parse(ALERTS, Object.fromEntries(query)).all === '1'),
  },
  '/api/explain': {
    GET: (alerting, { query }) => {
      const { region, ...wish } = parse(EXPLAIN, Object.fromEntries(query));
      return explainView(pictureOf(alerting), { ...wish, ...(region !== undefined && { region }) });
    },
  },
  '/api/silences': { GET: (alerting) => silencesView(pictureOf(alerting)) },
  '/api/deliveries': { GET: (alerting) => ({ channels: deliveriesView(pictureOf(alerting)) }) },
  '/api/ack': { POST: async (alerting, { json: body }) => ack(alerting, await body()) },
  '/api/unack': { POST: async (alerting, { json: body }) => unack(alerting, await body()) },
  '/api/silence': { POST: async (alerting, { json: body }) => silenceFrom(alerting, await body()) },
  '/api/unsilence': {
    POST: async (alerting, { json: body }) => unsilenceFrom(alerting, await body()),
  },
};

/** The places under `/api`, for a server that serves other things besides. */
export function apiRoutes(
  alerting: () => Alerting | undefined,
  token: () => Secret | undefined,
): Places {
  const place = (verbs: Verbs | undefined): Place => {
    const by =
      (method: 'GET' | 'POST'): Route =>
      async (request) => {
        admit(request, token());
        const found = alerting();
        if (found === undefined) throw new Unavailable('the monitor is just starting');
        return json(200, await obeyed(() => verbOf(verbs, method)(found, request)));
      };
    return { GET: by('GET'), POST: by('POST'), error };
  };
  return {
    ...Object.fromEntries(Object.entries(VERBS).map(([path, verbs]) => [path, place(verbs)])),
    '/api/*': place(undefined),
  };
}

const error = (status: number, says: string) => json(status, { error: says });

/** Lets in whoever has the token. @throws Refused */
export function admit({ headers }: Request, token: Secret | undefined): void {
  if (token === undefined)
    throw new Refused(
      403,
      'nobody may do this: there is no token; set alerting.state (the monitor then makes one there, in the file api-token) or alerting.api_token_file',
    );
  const [, given] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  if (given === undefined)
    throw unauthorized('expected the header Authorization: Bearer TOKEN', '');
  if (!isSame(given, token)) throw unauthorized('this is not the token', ', error="invalid_token"');
}

const unauthorized = (says: string, more: string): Refused =>
  new Refused(401, says, { 'www-authenticate': `Bearer realm="maasha"${more}` });

function verbOf(verbs: Verbs | undefined, method: 'GET' | 'POST'): Verb {
  if (verbs === undefined)
    throw new Refused(404, `nothing is here; there is ${Object.keys(VERBS).join(', ')}`);
  const verb = verbs[method];
  if (verb !== undefined) return verb;
  const allowed = verbs.GET === undefined ? 'POST' : 'GET, HEAD';
  throw new Refused(405, `only ${allowed} is answered here`, { allow: allowed });
}

/** What cannot be done is the caller's to mend. */
async function obeyed(does: () => unknown): Promise<unknown> {
  try {
    return await does();
  } catch (problem) {
    if (!(problem instanceof CommandError)) throw problem;
    throw new Refused(problem instanceof NothingFound ? 404 : 422, problem.message);
  }
}

function ack(alerting: Alerting, body: unknown): unknown {
  const { what, region, by, via, for: lasts } = parse(ACK, body);
  const found = meant(alerting, what, region);
  for (const each of found) acknowledge(alerting, each, { by, via }, lasts);
  return { alerts: presently(alerting, found), ...unsafe(alerting) };
}

function unack(alerting: Alerting, body: unknown): unknown {
  const { what, region, by, via } = parse(UNACK, body);
  const found = meant(alerting, what, region).filter(({ alert }) => alert.ownership.is === 'acked');
  if (found.length === 0) throw new CommandError(`nobody has acknowledged ${what}`);
  for (const each of found) unacknowledge(alerting, each, { by, via });
  return { alerts: presently(alerting, found), ...unsafe(alerting) };
}

/** The alerts as they are after it. */
function presently(alerting: Alerting, found: readonly Found[]): readonly AlertView[] {
  const picture = pictureOf(alerting);
  return found.flatMap(({ region, alert: { fingerprint } }) => {
    const state = alerting.desk.state(region);
    const alert = state?.alerts[fingerprint];
    return state === undefined || alert === undefined ? [] : [alertView(alert, state, picture)];
  });
}

/** Said with what was done, when a restart would undo it. */
const unsafe = ({ ledger: { trouble } }: Alerting) => (trouble === undefined ? {} : { trouble });

function silenceFrom(alerting: Alerting, body: unknown): unknown {
  const { what, region, rule, labels, for: lasts, by, reason } = parse(SILENCE, body);
  const wish = { by, reason, lasts };
  demandKnown(alerting, region, labels ?? {});
  const made = silence(
    alerting,
    what === undefined
      ? {
          ...wish,
          ...(region !== undefined && { region }),
          ...(rule !== undefined && { rule }),
          ...(labels !== undefined && { labels }),
        }
      : episodeWish(alerting, { what, region, rule, labels }, wish),
  );
  return { silence: silenceView(made, pictureOf(alerting)), ...unsafe(alerting) };
}

/** A slip of the pen would hide nothing, and nobody would see it. @throws NothingFound */
function demandKnown(
  { desk }: Alerting,
  region: string | undefined,
  labels: Readonly<Record<string, string>>,
): void {
  const states = desk.states().filter((each) => each.region === (region ?? each.region));
  if (states.length === 0)
    throw new NothingFound(
      `no region is named ${region ?? ''}; there is ${desk
        .states()
        .map((each) => each.region)
        .join(', ')}`,
    );
  for (const [label, value] of Object.entries(labels)) {
    const known = states.flatMap(({ names }) => names?.[label] ?? []);
    if (known.length > 0 && !known.includes(value))
      throw new NothingFound(
        `no ${label} is named ${value}; there is ${[...new Set(known)].join(', ')}`,
      );
  }
}

/** A silence of one episode. It names its rule too, so that it is measured by that rule's severity. */
function episodeWish(
  alerting: Alerting,
  scope: {
    readonly what: string;
    readonly region: string | undefined;
    readonly rule: string | undefined;
    readonly labels: Readonly<Record<string, string>> | undefined;
  },
  wish: { readonly by: string; readonly reason: string; readonly lasts: Seconds },
): SilenceWish {
  if (scope.rule !== undefined || scope.labels !== undefined)
    throw new CommandError('one episode, or what has a rule and labels: not both');
  const [found, second] = meant(alerting, scope.what, scope.region);
  if (found === undefined || second !== undefined)
    throw new CommandError(
      `${scope.what} is more than one alert: name an episode (${meant(
        alerting,
        scope.what,
        scope.region,
      )
        .map(({ alert }) => shortId(alert.episode.id))
        .join(', ')}), or silence the rule`,
    );
  const { region, alert } = found;
  return { ...wish, region, rule: alert.rule, episode: alert.episode.id };
}

function unsilenceFrom(alerting: Alerting, body: unknown): unknown {
  const { id, by, via } = parse(UNSILENCE, body);
  const ended = unsilence(alerting, id, { by, via });
  return { silence: silenceView(ended, pictureOf(alerting)), ...unsafe(alerting) };
}
