/*
 * `npm start` and `npm test` on a fresh clone: installs what package-lock.json names and builds what
 * has changed, if needed, and then goes on in this same process. Plain JavaScript, because nothing
 * is installed yet when it starts; no imports beyond Node's own for the same reason.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inRoot = (...parts) => join(root, ...parts);
const [task, ...args] = process.argv.slice(2);

const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

function newest(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (latest, entry) =>
        Math.max(latest, modified(join(entry.parentPath ?? entry.path, entry.name))),
      0,
    );
}

function run(what, command, commandArgs) {
  process.stderr.write(`maas-ha-monitor: ${what} …\n`);
  const { status, stdout, stderr, error } = spawnSync(command, commandArgs, {
    cwd: root,
    encoding: 'utf8',
  });
  if (status === 0) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}`);
  process.stderr.write(`maas-ha-monitor: ${what} failed (${command} ${commandArgs.join(' ')})\n`);
  process.exit(1);
}

function install() {
  const installed = modified(inRoot('node_modules', '.package-lock.json'));
  if (installed < modified(inRoot('package-lock.json')))
    run('installing packages', 'npm', ['ci', '--no-fund', '--no-audit']);
}

function build() {
  const stamp = inRoot('dist', '.built');
  const sources = ['src', 'checks', 'alerts', 'grafana']
    .map((folder) => inRoot(folder))
    .filter(existsSync);
  const changed = Math.max(modified(inRoot('package-lock.json')), ...sources.map(newest));
  if (modified(stamp) >= changed) return;
  rmSync(inRoot('dist'), { recursive: true, force: true });
  run('building', 'npm', ['run', '--silent', 'build']);
  writeFileSync(stamp, '');
}

/** Goes on as if `file` had been called with these arguments. */
async function become(file, fileArgs) {
  process.argv = [process.execPath, file, ...fileArgs];
  await import(pathToFileURL(file).href);
}

async function start() {
  install();
  build();
  const places = [process.env.MAASHA_CONFIG, 'maasha.yaml', '/etc/maasha/maasha.yaml'].filter(
    Boolean,
  );
  const configured = args.includes('--config') || args.includes('-c') || places.some(existsSync);
  if (configured) return become(inRoot('dist', 'src', 'cli', 'main.js'), ['run', ...args]);
  const { register } = await import('tsx/esm/api');
  register();
  return become(inRoot('test', 'lab', 'demo.ts'), args);
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write(
    `maas-ha-monitor: found Node ${process.versions.node}, expected 20 or newer\n`,
  );
  process.exit(1);
}

if (task === 'start') await start();
else if (task === 'test') {
  install();
  build();
  await become(inRoot('node_modules', 'vitest', 'vitest.mjs'), ['run', ...args]);
} else {
  process.stderr.write(`bootstrap: found "${task ?? ''}", expected start or test\n`);
  process.exit(2);
}
