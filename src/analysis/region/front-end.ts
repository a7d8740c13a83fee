import type { HttpReply } from '../../core/ports/network.ts';

/** Apache, nginx and HAProxy write the status into the title or the heading of the pages of their own. */
const STOCK = /<(title|h1)>\s*50[234]\b/i;

/**
 * Whether an answer was made by the web server because nobody behind it gave one: 502, 503 or 504 with a stock
 * page. What MAAS itself says with 503 while it starts is no such page.
 */
export const isFrontEndAlone = ({ status, body }: Pick<HttpReply, 'status' | 'body'>): boolean =>
  [502, 503, 504].includes(status) && STOCK.test(body) && !body.includes('MAAS');
