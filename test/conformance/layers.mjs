/* Runs the dependency checker and insists that it saw the whole house: one that sees nothing is always content. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const folders = ['src', 'checks', 'alerts', 'grafana', 'test'].filter((folder) => {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
});
const { stdout, stderr } = spawnSync(
  process.execPath,
  [
    'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
    '--output-type',
    'json',
    ...folders,
  ],
  { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
);
if (stderr) process.stderr.write(stderr);
const { modules, summary } = JSON.parse(stdout);
const ours = modules.filter(
  ({ source }) => source.endsWith('.ts') && !source.includes('node_modules'),
);
for (const { rule, from, to } of summary.violations)
  process.stderr.write(`${rule.severity} ${rule.name}: ${from} → ${to}\n`);
const sources = readdirSync('src', { recursive: true }).filter((file) =>
  file.endsWith('.ts'),
).length;
if (ours.length <= sources) {
  process.stderr.write(
    `layers: the checker saw ${ours.length} modules, expected more than ${sources}\n`,
  );
  process.exit(1);
}
process.stdout.write(`layers: ${ours.length} modules, ${summary.violations.length} violations\n`);
process.exit(summary.violations.length === 0 ? 0 : 1);
