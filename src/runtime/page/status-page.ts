import { createHash } from 'node:crypto';
import type { Clock } from '../../core/time.ts';
import type { Alerting } from '../alerting.ts';
import type { Bus } from '../bus.ts';
import { pictureOf } from '../picture.ts';
import { Refused, Unavailable, type Places, type Reply, type Request } from '../server.ts';
import { drawDocument, drawMain } from './draw/document.ts';
import { SCRIPT } from './draw/script.ts';
import { STYLE } from './draw/style.ts';
import { Live } from './live.ts';
import { Past, type Strips } from './past.ts';
import { viewOf, type PageSources, type View } from './view.ts';

export interface StatusPageParts {
  /** Whose page it is. */
  readonly title: string;
  readonly bus: Bus;
  readonly clock: Clock;
  /** Undefined while the monitor is just starting. */
  readonly sources: () => Pick<PageSources, 'regions' | 'planned' | 'results'> | undefined;
  readonly alerting: () => Alerting | undefined;
  readonly onError: (error: unknown, where: string) => void;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** COMPOSITION ROOT of the page to look at: what it is made from, its stream, and its memory of the last day. */
export class StatusPage {
  readonly #parts: StatusPageParts;
  readonly #past: Past;
  readonly #live: Live;
  readonly #unsubscribe: readonly (() => void)[];

  constructor(parts: StatusPageParts) {
    const { bus, clock, onError } = parts;
    this.#parts = parts;
    this.#past = new Past({
      bus,
      clock,
      onError,
      ledger: () => parts.alerting()?.ledger,
      regions: () => parts.sources()?.regions.map(({ name }) => name) ?? [],
      results: () => parts.sources()?.results ?? [],
    });
    this.#live = new Live({ clock, onError, view: (region) => this.#view(region) });
    const touch = (): void => {
      this.#live.touch();
    };
    this.#unsubscribe = [
      bus.on('check.completed', touch),
      bus.on('check.overdue', touch),
      // Whoever looks at what is not configured any more is told so when he comes again.
      bus.on('config.loaded', () => {
        this.#live.close();
      }),
    ];
  }

  readonly places: Places = {
    '/': (request) => this.#page(request),
    '/live': (request) => this.#live.open(request),
    '/page.js': () => ({ status: 200, type: 'text/javascript; charset=utf-8', body: SCRIPT }),
  };

  /** Nobody is told any more; what was seen of the day is kept. To be called before the ledger is closed. */
  stop(): void {
    for (const end of this.#unsubscribe) end();
    this.#live.close();
    this.#past.stop();
  }

  #view(region: string | undefined): View | undefined {
    const [sources, alerting] = [this.#parts.sources(), this.#parts.alerting()];
    if (sources === undefined || alerting === undefined)
      throw new Unavailable('the monitor is just starting');
    const past = (name: string): Strips => this.#past.of(name);
    return viewOf({ ...sources, picture: pictureOf(alerting), past }, region);
  }

  #page({ query }: Request): Reply {
    const wanted = query.get('region') ?? undefined;
    const view = this.#view(wanted);
    if (view === undefined) {
      const names = this.#parts.sources()?.regions.map(({ name }) => name) ?? [];
      throw new Refused(404, `there is no such region; there is ${names.join(', ')}`);
    }
    const body = query.has('fragment') ? drawMain(view) : drawDocument(view, this.#parts.title);
    return {
      status: 200,
      type: 'text/html; charset=utf-8',
      body: body.toString(),
      headers: { 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' },
    };
  }
}
