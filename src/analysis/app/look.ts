import { addressed } from '../region/rpc-info.ts';
import { evidence, gap, type Note } from '../../core/check.ts';
import { CheckFailure } from '../../core/failure.ts';
import { observe, observeState } from '../../core/metric.ts';
import {
  HTTP_PHASES,
  type HttpPhase,
  type HttpReply,
  type Limit,
} from '../../core/ports/network.ts';
import type { Ports } from '../../core/ports/ports.ts';
import type { Region } from '../../core/region.ts';
import { formatDuration, seconds } from '../../core/time.ts';
import * as metrics from './metrics.ts';
import {
  get,
  LOGIN,
  readLogin,
  readVersion,
  versionPage,
  type Answer,
  type Page,
} from './pages.ts';

/* MAAS's pages at one address: asked for, judged together, and told. */

const MOST_OCTETS = 512 * 1024;

export interface Asked {
  /** `vip` stands for maas_url, else the node's name. */
  readonly server: string;
  readonly login: Answer;
  readonly version: Answer;
}

/** Asks at `host` instead of at the URL's own host, where one is given. */
export async function askPages(
  io: Ports,
  region: Region,
  { server, host, timeout }: Limit & { readonly server: string; readonly host?: string },
): Promise<Asked> {
  const ask = async (page: string): Promise<Answer> => {
    const { url, tls } = addressed(region, page, host);
    return get(io, url, { timeout, maxBytes: MOST_OCTETS, tls });
  };
  const [login, version] = await Promise.all([ask(LOGIN), ask(versionPage(region))]);
  return { server, login, version };
}

export function notesOnPages(region: Region, { server, login, version }: Asked): readonly Note[] {
  const pages = [readLogin(login), readVersion(version, region)] as const;
  return [...judged(region, server, pages), ...timed(server, login)];
}

type Pages = readonly [login: Page | CheckFailure, version: Page | CheckFailure];

function judged(region: Region, server: string, [login, version]: Pages): readonly Note[] {
  if (login instanceof CheckFailure) return [gap(server, login)];
  const says = evidence(server, words(login, version));
  if (login.is !== 'good') return [...observed(server, stateBesides(login)), says];
  if (version instanceof CheckFailure) return [says, gap(server, version)];
  if (version.is === 'other_generation')
    return [says, gap(server, new CheckFailure('config', otherGeneration(region, version.says)))];
  return [...observed(server, version.is === 'good' ? 'serves' : 'partly'), says];
}

const observed = (server: string, state: metrics.AppState): readonly Note[] => [
  ...observeState(metrics.state, state, { server }),
  observe(metrics.serves, state === 'serves', { server }),
];

const stateBesides = ({ is }: Page): metrics.AppState =>
  is === 'good' || is === 'other_generation' ? 'foreign' : is;

const words = (login: Page, version: Page | CheckFailure): string =>
  login.is === 'good'
    ? `${login.says}, and the API ${saysOf(version)}`
    : `${login.is.replace('_', ' ')}: the login page ${login.says}${alive(version)}`;

const saysOf = (page: Page | CheckFailure): string =>
  page instanceof CheckFailure ? `could not be asked: ${page.message}` : page.says;

/** That the application lives without its database shows in what needs none. */
const alive = (version: Page | CheckFailure): string =>
  !(version instanceof CheckFailure) && version.is === 'good'
    ? `; the application lives: its API ${version.says}`
    : '';

const otherGeneration = ({ generation }: Region, says: string): string =>
  `the login page is MAAS’s, and it ${says}: is \`generation: ${generation}\` right?`;

/** How long the login page took, phase by phase, where it was answered at all. */
function timed(server: string, login: Answer): readonly Note[] {
  if (login instanceof CheckFailure) return [];
  const phases = HTTP_PHASES.flatMap((phase) => {
    const took = login.phases?.[phase];
    return took === undefined ? [] : [{ phase, took }];
  });
  return [
    observe(metrics.answerTime, login.took, { server }),
    ...phases.map(({ phase, took }) =>
      observe(metrics.phaseTime, took, { server, phase: phase.replace(' ', '_') }),
    ),
    evidence(server, `the login page took ${formatDuration(login.took)}${longest(login)}`),
  ];
}

/** From here on somebody asks what it waits for. */
const NOTICED = seconds(0.5);

const WAITS_FOR: Readonly<Record<HttpPhase, string>> = {
  connect: 'the way there, or a web server that takes no more connections',
  tls: 'the web server, which is short of processor time',
  'first byte': 'the application, its database, or a free worker of the web server',
  body: 'the way back',
};

function longest({ took, phases = {} }: HttpReply): string {
  const [most] = HTTP_PHASES.flatMap((phase) => {
    const spent = phases[phase];
    return spent === undefined ? [] : [{ phase, spent }];
  }).sort((a, b) => b.spent - a.spent);
  return most === undefined || took < NOTICED
    ? ''
    : `, of that ${formatDuration(most.spent)} ${PHASE_WORDS[most.phase]}: it waits for ${WAITS_FOR[most.phase]}`;
}

const PHASE_WORDS: Readonly<Record<HttpPhase, string>> = {
  connect: 'to connect',
  tls: 'to agree on TLS',
  'first byte': 'until the first byte',
  body: 'until the last byte',
};
