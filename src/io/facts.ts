import { CheckFailure } from '../core/failure.ts';
import { describeSource, type Fact, type FactsPort } from '../core/ports/facts.ts';
import type { Limit } from '../core/ports/network.ts';
import { FactFiles } from './fact-files.ts';
import { httpPort } from './http.ts';
import { bounded, type Scope } from './scope.ts';

type Options = Limit & { readonly maxBytes: number };

const MEBIBYTE = 1_048_576;
const ABSENT = [404, 410];

/** Files and pages. What is pushed, only a service that runs has: it puts that in place (runtime/facts). */
export class FactSources {
  readonly #files: FactFiles;

  constructor(files = new FactFiles()) {
    this.#files = files;
  }

  port(scope: Scope): FactsPort {
    return {
      read: async (source, _, { timeout, maxBytes = MEBIBYTE }) => {
        const options = { timeout, maxBytes };
        switch (source.from) {
          case 'file':
            return this.#file(scope, source.path, options);
          case 'url':
            return page(scope, source.url, options);
          case 'pushed':
            throw new CheckFailure(
              'dependency',
              `${describeSource(source)} is known only to the service that it is pushed to`,
            );
        }
      },
    };
  }

  async #file(
    scope: Scope,
    path: string,
    { timeout, maxBytes }: Options,
  ): Promise<Fact | undefined> {
    const what = `reading the file ${path}`;
    const found = await bounded<Awaited<ReturnType<FactFiles['read']>>>(
      scope,
      timeout,
      what,
      ({ resolve, reject }) => {
        this.#files.read(path, maxBytes).then(resolve, reject);
        return () => undefined;
      },
    );
    return found && { text: demandText(found.bytes.toString('utf8'), path), at: found.at };
  }
}

async function page(scope: Scope, url: string, options: Options): Promise<Fact | undefined> {
  const { status, body, headers } = await httpPort(scope).get(url, options);
  if (ABSENT.includes(status)) return undefined;
  const { origin, pathname } = new URL(url);
  // Neither user information nor the query: either may hold a secret.
  const name = origin + pathname;
  if (status !== 200)
    throw new CheckFailure('protocol', `${name} answers HTTP ${status}, not 200 and not 404`);
  const at = Date.parse(headers['last-modified'] ?? '') / 1000;
  return { text: demandText(body, name), ...(Number.isFinite(at) && { at }) };
}

/** @throws CheckFailure `protocol`: octets that are no UTF-8 have become U+FFFD. */
function demandText(text: string, where: string): string {
  if (!/[\0\uFFFD]/.test(text)) return text;
  throw new CheckFailure('protocol', `${where} holds something else than text (UTF-8)`);
}
