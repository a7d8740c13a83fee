import { instant, isoTime, type Instant } from '../../../src/core/time.ts';

/** The last millisecond of the year 9999: RFC 3339 has no later one. */
const LAST = 253_402_300_799_999;

/** A moment as RFC 3339 has it; one that it cannot say becomes the nearest that it can, or 1970. */
export const rfc3339 = (moment: Instant): string =>
  isoTime(instant(Number.isNaN(moment) ? 0 : Math.min(LAST, Math.max(0, moment))));
