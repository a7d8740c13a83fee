import type { Limit } from './network.ts';

/** Where something that somebody else knows is read: a file, a page, or what was pushed to the monitor. */
export type FactSource =
  | { readonly from: 'file'; readonly path: string }
  | { readonly from: 'url'; readonly url: string }
  | { readonly from: 'pushed'; readonly name: string };

/** What stands there, and since when. */
export interface Fact {
  readonly text: string;
  /** Epoch seconds: of the file's last change, the page's Last-Modified, or the push. Absent: not known. */
  readonly at?: number;
}

export interface FactsPort {
  /**
   * Reads it; undefined where it does not exist: no such file, 404, never pushed.
   *
   * @throws CheckFailure `no_privilege` (the file may not be read), `protocol` (longer than `maxBytes`, not
   *   text, another status), `config` (a directory), or the failures of HTTP.
   */
  read(
    source: FactSource,
    region: string,
    options: Limit & { readonly maxBytes?: number },
  ): Promise<Fact | undefined>;
}

/** A source in words: `the file /etc/…`, `the page http://…`, `what is pushed as NAME`. */
export const describeSource = (source: FactSource): string => {
  switch (source.from) {
    case 'file':
      return `the file ${source.path}`;
    case 'url':
      return `the page ${withoutSecrets(source.url)}`;
    case 'pushed':
      return `what is pushed as ${source.name}`;
  }
};

/** Neither user information nor the query: either may hold a secret. */
const withoutSecrets = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
};
