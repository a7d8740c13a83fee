import { tryRun } from './shell.ts';
import { missingPackages } from './packages.ts';
import { paths } from './plan.ts';

/** The one reason why this machine cannot run the lab; undefined when it can. */
export async function whyNot(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'the lab needs Linux';
  if (process.getuid?.() !== 0) return 'the lab needs root: it makes and enters network namespaces';
  if (!/^\/[\w./-]{1,60}$/.test(paths.root)) {
    return `MAASHA_LAB_DIR must be a short absolute path without blanks: ${paths.root}`;
  }
  const tools = await tryRun(['sh', '-c', 'command -v nsenter unshare setpriv setsid flock']);
  if (tools.code !== 0) return 'the lab needs util-linux: nsenter, unshare, setpriv, setsid, flock';
  // A namespace with a veth pair in it: what some containers refuse, or their kernels lack.
  const trial = 'ip link add maasha0 type veth peer name maasha1';
  const capable = await tryRun(['unshare', '--net', '--uts', '--ipc', 'sh', '-c', trial]);
  const missing = await missingPackages();
  if (capable.code !== 0 && !missing.includes('iproute2')) {
    return `the lab needs CAP_NET_ADMIN and CAP_SYS_ADMIN: ${lastLine(capable.stderr)}`;
  }
  if (missing.length === 0) return undefined;
  const apt = await tryRun(['sh', '-c', 'command -v apt-get dpkg-query']);
  return apt.code === 0
    ? undefined
    : `the lab needs Debian's packages ${missing.join(', ')}, and there is no apt-get here`;
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
