import { execFile } from 'node:child_process';
import { inside } from '../lab/net.ts';
import { paths } from '../lab/plan.ts';
import type { Ended } from './cli.ts';

/** What `maasha check --format json` says. */
export interface Looked {
  readonly state: string;
  readonly results: readonly {
    readonly check: string;
    readonly state: string;
    readonly headline: string;
    readonly findings: readonly {
      readonly rule: string;
      readonly labels: Record<string, string>;
    }[];
    readonly observations: readonly {
      readonly metric: string;
      readonly labels: Record<string, string>;
      readonly value: number;
    }[];
  }[];
}

/** Runs `maasha` from source on the lab's host `mon`, from where the operator's monitor looks. */
export const maashaInLab = (...args: readonly string[]): Promise<Ended> => {
  const command = [process.execPath, '--import', 'tsx', 'src/cli/main.ts', ...args];
  const [file = '', ...rest] = inside('mon', command);
  const env = { ...process.env, MAASHA_CONFIG: paths.config };
  return new Promise((resolve) => {
    execFile(file, rest, { env, maxBuffer: 2 ** 24, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
};

const lookAtLab = async (...names: readonly string[]): Promise<Looked> =>
  JSON.parse((await maashaInLab('check', ...names, '--format', 'json')).stdout) as Looked;

/** The rules that are true, each with its labels' values. */
export const findings = ({ results }: Looked): readonly string[] =>
  results.flatMap((result) =>
    result.findings.map(({ rule, labels }) => [rule, ...Object.values(labels)].join(' ')),
  );

/** Looks again and again until what is seen is as wanted. @throws with what was seen last. */
export async function lookUntil(
  wanted: (looked: Looked) => boolean,
  what: string,
  limit = 60_000,
): Promise<Looked> {
  const end = Date.now() + limit;
  for (;;) {
    const looked = await lookAtLab();
    if (wanted(looked)) return looked;
    if (Date.now() > end) {
      const seen = looked.results.map(
        ({ check, state, headline }) => `${check} ${state}: ${headline}`,
      );
      throw new Error(`not seen within ${limit / 1000} s: ${what}\n${seen.join('\n')}`);
    }
  }
}

export const allOk = ({ results }: Looked): boolean => results.every(({ state }) => state === 'ok');
