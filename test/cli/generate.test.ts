import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../src/cli/exit.ts';
import { generate } from '../../src/cli/generate.ts';
import { program } from '../../src/cli/program.ts';
import { GENERATORS } from '../../src/generate/artifacts.ts';
import { ended, maasha, spawnMaasha } from '../support/cli.ts';

const base = mkdtempSync(join(tmpdir(), 'maasha-generate-'));
afterAll(() => {
  rmSync(base, { recursive: true });
});
const folder = (name: string): string => join(base, name);

const config = join(base, 'maasha.yaml');
writeFileSync(
  config,
  `regions:
  - { name: here, vip: 127.31.99.39, maas_url: http://127.31.99.39/MAAS, nodes: [{ name: a, address: 127.31.99.32 }] }
alerting: { public_url: http://monitor.test:9877/, dashboard_url: http://grafana.test/d/maasha-region }
checks: { vip: { rules: { MaasHaVipUnreachable: { for: 77s } } } }
`,
);

let said: { stdout: string; stderr: string };
beforeEach(() => {
  vi.stubEnv('MAASHA_CONFIG', undefined);
  said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
});
afterEach(() => {
  process.exitCode = undefined;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

type Options = Parameters<typeof generate>[1];

const exitCode = (): number => Number(process.exitCode ?? 0);

/** Runs the verb here; what it says, and the code that the process would end with. */
async function run(what: readonly string[], options: Options) {
  said = { stdout: '', stderr: '' };
  process.exitCode = undefined;
  await generate(what, options, program);
  return { ...said, code: exitCode() };
}

describe('maasha generate --output', () => {
  it('writes below a folder that it makes, and finds it right afterwards', async () => {
    const output = folder('fresh/deep');
    const wrote = await run(['reference', 'runbooks'], { output });
    expect(wrote.code).toBe(0);
    expect(wrote.stdout).toContain('2 written, 0 removed, 0 as they were');
    const checked = await run(['reference', 'runbooks'], { output, check: true });
    expect(checked.code).toBe(0);
    expect(checked.stdout).toContain(`2 files in ${output} are as they should be`);
  });

  it('leaves alone what is right already, and no unfinished file behind', async () => {
    const output = folder('twice');
    await run(['reference'], { output });
    const file = join(output, 'checks/METRICS.md');
    const { mtimeMs, ino } = statSync(file);
    const again = await run(['reference'], { output });
    expect(again.stdout).toContain('0 written, 0 removed, 1 as they were');
    expect(statSync(file)).toMatchObject({ mtimeMs, ino });
    expect(readdirSync(join(output, 'checks'))).toEqual(['METRICS.md']);
  });

  it('follows the configuration: its thresholds, and where the monitor is', async () => {
    const output = folder('site');
    const { stderr, stdout } = await run(['reference'], { output, config });
    expect(stderr).toBe('');
    expect(stdout).toContain(config);
    expect(readFileSync(join(output, 'checks/METRICS.md'), 'utf8')).toContain(
      '[MaasHaVipUnreachable](http://monitor.test:9877/runbooks/MaasHaVipUnreachable) (critical) when `= 0` for 1m 17s',
    );
  });

  it('finds the configuration where the other commands find it', async () => {
    vi.stubEnv('MAASHA_CONFIG', config);
    expect((await run(['runbooks'], { output: folder('found') })).stdout).toContain(config);
  });

  it('lists the site’s own regions as targets', async () => {
    const output = folder('targets');
    await run(['scrape'], { output, config });
    const text = readFileSync(join(output, 'alerts/prometheus/prometheus-static.yml'), 'utf8');
    expect(text).toMatch(/targets: &regions\d*\n\s+- here\n/);
    expect(text).not.toContain('maas3');
  });

  it('takes Grafana’s address from the link to a dashboard of it', async () => {
    const output = folder('grafana');
    await run(['rules'], { output, config });
    const text = readFileSync(join(output, 'alerts/prometheus/rules/vip.yml'), 'utf8');
    expect(text).toContain('http://grafana.test/d/');
    expect(text).not.toContain('example.org');
  });

  it('puts what the call says before what the configuration says', async () => {
    const output = folder('said');
    await run(['runbooks'], { output, config, publicUrl: 'https://m.test/x/' });
    const text = readFileSync(join(output, 'alerts/RUNBOOKS.md'), 'utf8');
    expect(text).toContain('(https://m.test/x/runbooks/MaasHaVipUnreachable)');
  });

  it('says that it does not know where the monitor is', async () => {
    const { stderr } = await run(['runbooks'], { output: folder('nowhere') });
    expect(stderr).toContain('how people reach the monitor is not known');
  });
});

describe('maasha generate --check', () => {
  it('says what is missing, differs or is left over, and what mends it, and ends with 1', async () => {
    const output = folder('drift');
    const what = ['reference', 'runbooks', 'rule-tests'];
    await run(what, { output });
    const file = join(output, 'checks/METRICS.md');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('# The metrics', '# The numbers'));
    rmSync(join(output, 'alerts/RUNBOOKS.md'));
    const tests = join(output, 'alerts/prometheus/tests');
    writeFileSync(join(tests, 'MaasHaGone.yml'), '# Generated by `maasha generate`\n');
    writeFileSync(join(tests, 'mine.yml'), 'mine: true\n');

    const { code, stdout } = await run(what, { output, check: true });
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'alerts/RUNBOOKS.md: missing',
      'alerts/prometheus/tests/MaasHaGone.yml: not generated any more',
      'checks/METRICS.md:1: differs',
      '  is:        # The numbers',
      '  should be: # The metrics',
      expect.stringMatching(
        /^In .* 3 files are not as they should be, .* To mend it: the same command without --check$/,
      ),
      '',
    ]);
    expect(existsSync(join(output, 'alerts/RUNBOOKS.md'))).toBe(false);

    const mended = await run(what, { output });
    expect(mended.stdout).toContain('2 written, 1 removed');
    expect(readFileSync(file, 'utf8')).toBe(text);
    // What somebody else put there stays.
    expect(readdirSync(tests)).toContain('mine.yml');
    expect(readdirSync(tests)).not.toContain('MaasHaGone.yml');
  });

  it('tells it as JSON, too', async () => {
    const { code, stdout } = await run(['runbooks'], {
      check: true,
      output: folder('x'),
      json: true,
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      files: 1,
      refused: [],
      drift: [{ is: 'missing', path: 'alerts/RUNBOOKS.md' }],
    });
  });

  it('shows a file that ends too early by its first missing line', async () => {
    const output = folder('short');
    mkdirSync(join(output, 'checks'), { recursive: true });
    writeFileSync(join(output, 'checks/METRICS.md'), '# The metrics\n\n');
    const { stdout } = await run(['reference'], { output, check: true });
    expect(stdout).toContain('METRICS.md:3: differs\n  is:        (the end of the file)\n');
  });

  it('tells a file without a newline at its end', async () => {
    const output = folder('bare');
    await run(['reference'], { output });
    const file = join(output, 'checks/METRICS.md');
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    const { stdout } = await run(['reference'], { output, check: true });
    expect(stdout).toMatch(/^checks.METRICS.md: differs in the newline at its end\n/);
  });

  it('shows of a long line the part that differs', async () => {
    const output = folder('long');
    await run(['reference'], { output });
    const file = join(output, 'checks/METRICS.md');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace('(critical) when `{stage="replay"}', '(warning) when `{stage="replay"}'),
    );
    const { stdout } = await run(['reference'], { output, check: true });
    expect(stdout).toMatch(/^ {2}is: {8}… .*\(warning\) when/m);
    expect(
      Math.max(
        ...stdout
          .split('\n')
          .slice(0, 3)
          .map((line) => line.length),
      ),
    ).toBeLessThan(170);
  });

  it('is about the repository without --output, whatever configuration is there', async () => {
    vi.stubEnv('MAASHA_CONFIG', config);
    const { code, stdout } = await run(['runbooks'], { check: true });
    expect(stdout).toContain('are as they should be, made from the catalogue as it is delivered');
    expect(code).toBe(0);
  });
});

describe('maasha generate refuses', () => {
  const file = join(base, 'file');
  writeFileSync(file, '');
  const cases: readonly (readonly [string, readonly string[], Options, readonly string[]])[] = [
    ['a word', ['ruls'], {}, ['expected one of rules, rule-tests', 'did you mean "rules"?']],
    ['a site’s configuration', [], { config }, ['--config is about a site', '--output DIR']],
    ['a site’s address', [], { publicUrl: 'http://m' }, ['--public-url is about a site']],
    [
      'what is no address',
      [],
      { output: folder('u'), publicUrl: 'm:9877' },
      ['expected an address'],
    ],
    ['a file as folder', [], { output: file }, ['it is a file, expected a folder']],
    [
      'a path through a file',
      ['reference'],
      { output: join(file, 'x') },
      ['a part of its path is a file'],
    ],
  ];

  it.each(cases)('%s', async (_, what, options, words) => {
    const problem = await generate(what, options, program).catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(UsageError);
    for (const word of words) expect((problem as Error).message).toContain(word);
    expect(said.stdout).toBe('');
  });

  it('a folder that stands where a file should go, and leaves nothing half done', async () => {
    const output = folder('blocked');
    mkdirSync(join(output, 'checks/METRICS.md/x'), { recursive: true });
    await expect(generate(['reference'], { output }, program)).rejects.toThrow(
      'METRICS.md cannot be read or written: it is a folder, expected a file',
    );
    expect(readdirSync(join(output, 'checks'))).toEqual(['METRICS.md']);
  });
});

describe('on the command line', { concurrent: true, timeout: 60_000 }, () => {
  it('the help names all that can be generated', async () => {
    const { stdout } = await maasha('generate', '--help');
    for (const name of Object.keys(GENERATORS)) expect(stdout).toContain(name);
  });

  it('drift ends with 1, and a wrong word with 2 and without a stack', async () => {
    const drift = await maasha('generate', 'runbooks', '--check', '-o', folder('y'));
    expect(drift.code).toBe(1);
    expect(drift.stderr).not.toContain('    at ');
    const { code, stdout, stderr } = await ended(spawnMaasha(['generate', 'metrics']));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^maasha: nothing is generated under the name "metrics", expected one of /m,
    );
    expect(stderr).not.toContain('    at ');
  });
});
