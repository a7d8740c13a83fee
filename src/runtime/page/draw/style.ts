import { DARK, LIGHT, variables } from './colours.ts';
import { DRAWING } from './style-drawing.ts';

/** Seconds after which a page that nothing has renewed shows by itself that it is old, script or not. */
export const OLD = 30;

/** The style sheet of the status page. It loads nothing. */
export const STYLE = `
:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
html{font:15px/1.45 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;background:var(--page);color:var(--text)}
body{margin:0;padding:0 1rem 2rem}
main,header,footer{max-width:96rem;margin:0 auto}
a{color:var(--link)}a:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
h1{font-size:1.35rem;margin:0}h2{font-size:1.02rem;margin:0 0 .6rem}h3{font-size:1rem;margin:0}h3 small,h1 small{font-weight:400}
p{margin:.25rem 0}ul{margin:.3rem 0;padding-left:1.2rem}small,.muted{color:var(--muted)}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.4rem .8rem;z-index:9}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;align-items:baseline;padding:.9rem 0 .7rem}
header nav{display:flex;flex-wrap:wrap;gap:.2rem .9rem;margin-left:auto}
.asof{color:var(--muted);font-variant-numeric:tabular-nums}
.asof b{color:var(--text)}
section{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;margin:0 0 .9rem;min-width:0}
.grid{display:grid;gap:0 .9rem;grid-template-columns:minmax(0,1fr)}
@media (min-width:70rem){.grid{grid-template:auto 1fr/minmax(0,11fr) minmax(0,9fr)}.left{grid-area:1/1/3/2}.right{grid-column:2;align-self:start}}
.icon{width:1.1em;height:1.1em;flex:none;vertical-align:-.17em}
.good{--c:var(--good);--s:var(--good-soft)}.warning{--c:var(--warning);--s:var(--warning-soft)}
.bad{--c:var(--bad);--s:var(--bad-soft)}.unknown{--c:var(--unknown);--s:var(--unknown-soft)}
.none{--c:var(--muted);--s:var(--page)}
.icon,.word{color:var(--c)}.word{font-weight:700;white-space:nowrap}
.verdict{display:grid;gap:.9rem;grid-template-columns:minmax(0,1fr);background:none;border:0;padding:0}
@media (min-width:52rem){.verdict{grid-template-columns:repeat(2,minmax(0,1fr))}}
.answer{background:var(--s);border:2px solid var(--c);border-left-width:10px;border-radius:8px;padding:.7rem 1rem;display:flex;gap:.9rem;min-width:0;overflow-wrap:anywhere}
.answer .icon{width:3rem;height:3rem;margin-top:.15rem}
.answer h2{color:var(--text);font-size:.9rem;margin:0;font-weight:600}
.answer .word{font-size:1.7rem;line-height:1.2;margin:0;white-space:normal}
.answer.bad.up{background:var(--bad);color:var(--on)}.answer.bad.up .icon,.answer.bad.up .word,.answer.bad.up h2{color:var(--on)}.answer.bad.up .icon{--card:var(--bad)}
.answer.unknown{border-style:dashed;border-left-style:solid}
.moved{grid-column:1/-1;background:var(--card);border:2px solid var(--link);border-radius:8px;padding:.5rem 1rem;margin:0;font-weight:600}
.incident{border:1px solid var(--line);border-left:6px solid var(--c);border-radius:6px;padding:.6rem .8rem;margin:0 0 .7rem;overflow-wrap:anywhere}
.incident.hidden{border-style:dashed;border-left-style:solid}
.incident .head{display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline}
.incident .since{margin-left:auto;color:var(--muted);font-variant-numeric:tabular-nums}
.summary{font-weight:600}
.runbook{display:inline-block;border:1.5px solid var(--link);border-radius:6px;padding:.15rem .7rem;margin:.3rem 0;font-weight:600;text-decoration:none}
.lines{list-style:none;padding:0;margin:.3rem 0}.lines li{display:flex;gap:.45rem;padding:.12rem 0;overflow-wrap:anywhere;min-width:0}
.lines li>span{min-width:0}
.rows{list-style:none;padding:0;margin:0}.rows>li{border-top:1px solid var(--line)}
.rows summary{display:grid;grid-template-columns:1.2rem minmax(7rem,13rem) minmax(0,1fr) max-content;gap:.2rem .7rem;padding:.35rem .2rem;cursor:pointer;align-items:baseline}
.rows summary::-webkit-details-marker{display:none}.rows summary>*{min-width:0;overflow-wrap:anywhere}
.rows .says{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.rows .age{color:var(--muted);font-variant-numeric:tabular-nums}
.rows ul{margin:.1rem 0 .7rem 2rem;overflow-wrap:anywhere}
details>summary{cursor:pointer}
@media (max-width:40rem){.rows summary{grid-template-columns:1.2rem minmax(0,1fr) max-content}.rows .says{grid-column:2/-1;grid-row:2}.rows .age{grid-column:3;grid-row:1}}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
thead th{color:var(--muted);font-weight:600}
@media (max-width:40rem){table.stack thead{display:none}table.stack tr{display:block;padding:.4rem 0;border-bottom:1px solid var(--line)}table.stack th,table.stack td{display:block;border:0;padding:.1rem 0}}
#lost,#old{position:sticky;top:0;z-index:5;background:var(--text);color:var(--page);font-weight:700;padding:.7rem 1rem;margin:0 -1rem;border-bottom:6px solid var(--bad)}
#lost[hidden]{display:none}
.stale main{filter:grayscale(1);opacity:.42}
.stale #old{display:none}
main{animation:old-main 0s ${OLD}s forwards}
@keyframes old-main{to{filter:grayscale(1);opacity:.42}}
#old{animation:old-says 0s ${OLD}s both}
@keyframes old-says{from{position:absolute;visibility:hidden;width:1px;height:1px;padding:0;overflow:hidden}to{visibility:visible}}
footer{color:var(--muted);padding-top:.4rem}
${DRAWING}
@media print{body{padding:0}:root{${variables(LIGHT)}}header nav,.skip{display:none}section{break-inside:avoid;border-color:#999}.grid{display:block}}`;
