import type { Column, Layout } from './layout.ts';

/* From bands to places on the grid. */

/** A panel's place on the grid, as Grafana names it. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export type Placed =
  | { readonly is: 'title'; readonly title: string; readonly at: Place }
  | { readonly is: 'panel'; readonly name: string; readonly at: Place };

const WIDTH = 24;

/** The layout as places on the grid, from top to bottom. @throws when a band is wider than the grid. */
export function placed(layout: Layout): readonly Placed[] {
  const places: Placed[] = [];
  let y = 0;
  for (const band of layout) {
    const inBand: readonly Placed[] =
      typeof band === 'string'
        ? [{ is: 'title', title: band, at: { x: 0, y, w: WIDTH, h: 1 } }]
        : placedBand(band, y);
    places.push(...inBand);
    y = Math.max(y, ...inBand.map(({ at }) => at.y + at.h));
  }
  return places;
}

function placedBand(band: readonly Column[], top: number): readonly Placed[] {
  let x = 0;
  return band.flatMap(([w, heights]) => {
    const left = x;
    x += w;
    if (x > WIDTH)
      throw new Error(
        `grafana/layout.ts: the band with ${Object.keys(heights).join(', ')} is ${x} wide, expected at most ${WIDTH}`,
      );
    let y = top;
    return Object.entries(heights).map(([name, h]): Placed => {
      const at = { x: left, y, w, h };
      y += h;
      return { is: 'panel', name, at };
    });
  });
}
