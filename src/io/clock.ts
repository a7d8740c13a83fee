import { performance } from 'node:perf_hooks';
import { instant, type Clock } from '../core/time.ts';

/** The host's clocks. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  steady: () => instant(performance.timeOrigin + performance.now()),
  after: (delay, action) => {
    const timer = setTimeout(action, Math.max(0, delay * 1000));
    return () => {
      clearTimeout(timer);
    };
  },
};
