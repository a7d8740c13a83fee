/** How the drawings look: the topology and the strips of the timeline. */
export const DRAWING = `
.defs{position:absolute;width:0;height:0}
figure{margin:0}.topology{display:block;width:100%;height:auto;font:inherit}
.narrow{display:none}
@media (max-width:40rem){.wide{display:none}.narrow{display:block}}
.topology text{fill:var(--text)}.topology .muted{fill:var(--muted)}.topology .strong{font-weight:700}
.topology .icon{color:var(--c)}
.box{fill:var(--card);stroke:var(--c);stroke-width:1.6}
.box.good,.box.none{stroke:var(--line)}
.box.bad{fill:var(--bad-soft);stroke-width:2.6}.box.warning{fill:var(--warning-soft);stroke-width:2}
.box.unknown{fill:url(#hatch);stroke-dasharray:6 4}
.wire{fill:none;stroke:var(--c);stroke-width:2}.wire.good{stroke:var(--good)}.wire.none{stroke:var(--line)}
.wire.unknown{stroke-dasharray:3 5}.wire.bad{stroke-dasharray:10 5;stroke-width:3}.wire.thick{stroke-width:5}
.wire.bad.thick{stroke-dasharray:none}
.tip{fill:var(--c)}
.topology text.sign{fill:var(--c)}
.plate{fill:var(--card)}
.badge{fill:var(--text)}.topology text.badge-text{fill:var(--page);font-weight:700}
.badge.bad{fill:var(--bad)}.topology text.badge-text.bad{fill:var(--on)}
.badge.unknown{fill:var(--card);stroke:var(--unknown);stroke-dasharray:4 3}.topology text.badge-text.unknown{fill:var(--unknown)}
.strips{display:grid;grid-template-columns:6.2rem minmax(0,1fr);gap:.25rem .6rem;align-items:center;margin:0}
.strips dt{color:var(--muted);font-size:.88rem}.strips dd{margin:0;min-width:0}
.strip{display:block;width:100%;height:1.5rem;overflow:hidden;border-radius:3px}.strip.axis{height:1.1rem}
.strip.rows-1{height:14px}.strip.rows-2{height:28px}.strip.rows-3{height:42px}.strip.rows-4{height:56px}.strip.rows-5{height:70px}
.strip text{font-size:.78rem;fill:var(--text)}.strip.axis text{fill:var(--muted)}
.strip .nobody{fill:url(#dots)}
.span{fill:var(--c);stroke:var(--card);stroke-width:1}
.span.good{fill:var(--good)}.span.none{fill:var(--line)}.span.none.odd{fill:var(--muted)}
.span.unknown{fill:url(#hatch);stroke:var(--unknown)}
.strip text.on{fill:var(--on)}.strip text.on.unknown,.strip text.on.none{fill:var(--text)}.strip text.on.none.odd{fill:var(--card)}
@media (max-width:40rem){.strip .between{display:none}}
.dot{fill:var(--text)}.dot.bad{fill:var(--bad)}
.key{color:var(--muted);font-size:.85rem}`;
