import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Given } from '../analysis/discover/found.ts';
import type { Server } from '../core/region.ts';
import { Secret } from '../core/secret.ts';
import { UsageError } from './exit.ts';

export interface DiscoverOptions {
  readonly vip: string;
  readonly name: string;
  readonly node: readonly string[];
  readonly cluster: readonly string[];
  readonly zone: readonly string[];
  readonly maasUrl?: string;
  readonly pcpUser?: string;
  readonly pcpPasswordFile?: string;
  readonly postgresUser?: string;
  readonly postgresPasswordFile?: string;
  readonly postgresDatabase: string;
  readonly output?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What the operator gave. @throws UsageError with the option, what was found and what was expected. */
export function readGiven(options: DiscoverOptions): Given {
  refuseWrong(options);
  const { vip, name, maasUrl } = options;
  const nodes = options.node.map((each) => server('--node', each));
  const clusters = options.cluster.map((each) => server('--cluster', each));
  refuseDoubles([{ name: 'the virtual address', address: vip }, ...nodes, ...clusters]);
  return {
    region: name,
    vip,
    nodes,
    clusters,
    zones: options.zone.map((zone) => zone.toLowerCase().replace(/\.$/, '')),
    maasUrl,
    ...accounts(options),
  };
}

function refuseWrong(options: DiscoverOptions): void {
  const { vip, name, maasUrl, pcpUser, pcpPasswordFile, postgresUser } = options;
  if (isIP(vip) === 0) throw new UsageError(`--vip ${vip}: expected an IP address`);
  if (!NAME.test(name)) throw new UsageError(`--name ${name}: ${A_NAME}`);
  if ((pcpUser === undefined) !== (pcpPasswordFile === undefined))
    throw new UsageError('--pcp-user and --pcp-password-file go together');
  if (options.postgresPasswordFile !== undefined && postgresUser === undefined)
    throw new UsageError('--postgres-password-file goes with --postgres-user');
  if (maasUrl !== undefined && !isHttp(maasUrl))
    throw new UsageError(`--maas-url ${maasUrl}: expected a URL such as http://172.31.16.39/MAAS`);
}

const accounts = ({
  pcpUser: pcp,
  pcpPasswordFile: pcpFile,
  postgresUser: user,
  postgresPasswordFile: file,
  postgresDatabase: database,
}: DiscoverOptions): Pick<Given, 'pcp' | 'postgres'> => ({
  ...(pcp !== undefined &&
    pcpFile !== undefined && { pcp: { user: pcp, passwordFile: resolve(pcpFile) } }),
  ...(user !== undefined && {
    postgres: { user, passwordFile: file && resolve(file), database },
  }),
});

const A_NAME = 'expected letters, digits, dots, dashes and underscores, at most 63';

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !text.includes('@');
}

function server(option: string, given: string): Server {
  const [name = '', address = ''] = given.split('=', 2);
  if (NAME.test(name) && isIP(address) !== 0) return { name, address };
  throw new UsageError(`${option} ${given}: expected NAME=ADDRESS, such as rc1=172.31.16.32`);
}

function refuseDoubles(all: readonly Server[]): void {
  for (const key of ['name', 'address'] as const) {
    const found = all.find((one, index) => all.findIndex((each) => each[key] === one[key]) < index);
    if (found !== undefined) throw new UsageError(`${found[key]} is given twice`);
  }
}

/** The password in a file. @throws UsageError */
export function readPassword(file: string | undefined): Secret | undefined {
  if (file === undefined) return undefined;
  try {
    const text = readFileSync(file, 'utf8').trim();
    if (text !== '') return new Secret(text);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  throw new UsageError(`${file} is empty: expected a password`);
}
