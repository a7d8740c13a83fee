import { EXCHANGE, type Served, type Service } from './service.ts';
import type { HttpReply } from '../../core/ports/network.ts';
import { printable } from '../../core/printable.ts';
import type { Region } from '../../core/region.ts';

/** Where a cluster serves the images of its generation. */
const USUAL: Readonly<Record<Region['generation'], string>> = {
  1: '/MAAS/static/images/',
  2: ':5248/images/',
};

/** A small page is wanted, never an image. */
const MOST_OCTETS = 256 * 1024;

/** The page that the configuration names, which must be there; else the directory of all images. */
export const bootHttp: Service = {
  title: 'boot HTTP',
  look: async ({ http }, { address, probes }, { generation }) => {
    const host = address.includes(':') ? `[${address}]` : address;
    const url = probes?.bootUrl ?? `http://${host}${USUAL[generation]}`;
    const reply = await http.get(url, { ...EXCHANGE, maxBytes: MOST_OCTETS });
    const where = printable(url, 120);
    return probes?.bootUrl === undefined ? directory(reply, where) : page(reply, where);
  },
};

/** A web server may refuse to list it, or have it elsewhere: it serves all the same. */
function directory(reply: HttpReply, where: string): Served {
  const { status } = reply;
  if (status === 403 || status === 404)
    return {
      says: `answers ${status} for the directory ${where} (\`probes.boot_url\` names a page)`,
    };
  return page(reply, where);
}

function page({ status, body }: HttpReply, where: string): Served {
  if (status !== 200) return { lacks: true, says: `answers ${status} for ${where}` };
  if (body.trim() === '') return { lacks: true, says: `${where} is empty` };
  if (isListing(body) && entriesOf(body) === 0)
    return { lacks: true, says: `${where} is a directory with nothing in it` };
  return { says: `gives ${where}` };
}

/** Apache's and nginx's own pages of what lies in a directory. */
const isListing = (body: string): boolean => /<title>Index of /i.test(body);

/** Links to what lies in it: not those that sort the list, nor the one that leads up. */
const entriesOf = (body: string): number =>
  [...body.matchAll(/href="([^"]*)"/gi)].filter(([, to = '']) => /^[^?/.]/.test(to)).length;
