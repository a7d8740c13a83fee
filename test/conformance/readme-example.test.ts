import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { buildCauses } from '../../alerts/causes.ts';
import type { Check } from '../../src/core/check.ts';
import { CheckFailure, type FailureCode } from '../../src/core/failure.ts';
import { seconds } from '../../src/core/time.ts';
import { loadChecks } from '../../src/runtime/catalogue.ts';
import { longestInterval, scheduleProblem } from '../../src/runtime/schedule.ts';
import { fakePorts } from '../support/ports.ts';
import { region } from '../support/region.ts';
import { runCheck } from '../support/run-check.ts';

/* The example of checks/README.md is what an author begins with: it compiles as it stands there, and works. */

const README = new URL('../../checks/README.md', import.meta.url);
const ROOT = join(import.meta.dirname, '..', '..');

const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(README, 'utf8'))?.[1] ?? '';

const folder = mkdtempSync(join(tmpdir(), 'maasha-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** The same file with its imports as they read from elsewhere. */
async function load(): Promise<Check> {
  const file = join(folder, 'example.ts');
  writeFileSync(file, example.replaceAll("'../src/", `'${join(ROOT, 'src')}/`));
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as { default: Check };
  return module.default;
}

const AS = join(ROOT, 'checks', 'example-of-the-readme.ts');

/** The text compiled as a file of checks/, with the options of the project. */
function compile(text: string, before?: ts.Program): ts.Program {
  const parsed = ts.getParsedCommandLineOfConfigFile(join(ROOT, 'tsconfig.json'), undefined, {
    ...ts.sys,
    readDirectory: () => [],
    onUnRecoverableConfigFileDiagnostic: () => undefined,
  });
  const options = { ...parsed?.options, noEmit: true };
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (name) => name === AS || disk.fileExists(name),
    readFile: (name) => (name === AS ? text : disk.readFile(name)),
    getSourceFile: (name, version, ...rest) =>
      name === AS
        ? ts.createSourceFile(name, text, version)
        : (before?.getSourceFile(name) ?? disk.getSourceFile(name, version, ...rest)),
  };
  return ts.createProgram([AS], options, host);
}

function problemsIn(program: ts.Program): readonly string[] {
  const source = program.getSourceFile(AS);
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(source),
    ...program.getSemanticDiagnostics(source),
  ].map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('the example of checks/README.md', async () => {
  const check = await load();
  const { clusters } = region();
  const [cluster] = clusters;

  const look = (answer: FailureCode | undefined) =>
    runCheck(
      check,
      region(),
      fakePorts({
        tcp: {
          connect: async () => {
            if (answer !== undefined) throw new CheckFailure(answer, `it is ${answer}`);
            return { took: seconds(0.003) };
          },
        },
      }),
    );

  it('compiles as it stands there', { timeout: 120_000 }, () => {
    const program = compile(example);
    expect(problemsIn(program)).toEqual([]);
    const wrong = compile(example.replace('equal: 0', 'equals: 0'), program);
    expect(problemsIn(wrong).join()).toContain('equals');
  });

  it('is of a check that does not exist, and could be put beside the others', async () => {
    const others = await loadChecks();
    const rules = others.flatMap((each) => each.rules);
    expect(others.map(({ name }) => name)).not.toContain(check.name);
    expect(() => buildCauses([...rules, ...check.rules])).not.toThrow();
    expect(scheduleProblem(check.every)).toBeUndefined();
    expect(check.timeout).toBeLessThan(longestInterval(check.every));
  });

  it('sees what it is to see, and leaves to others what stops it from looking', async () => {
    const well = await look(undefined);
    expect(Object.values(well.values)).toEqual(clusters.map(() => 1));
    expect(well.alerts).toEqual([]);
    expect((await look('refused')).alerts).toEqual([
      `${check.rules[0]?.name ?? ''} ${cluster?.name ?? ''}`,
    ]);
    const { gaps, alerts } = await look('no_privilege');
    expect([alerts, gaps.length]).toEqual([[], 1]);
  });

  it('exists only where it has something to look at', () => {
    expect(check.absence?.(region())).toBeUndefined();
    expect(check.absence?.(region({ clusters: [] }))).toContain('`clusters`');
  });
});
