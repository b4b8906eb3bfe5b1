/** The page's style: system fonts, light and dark, one column on a phone, plain on paper. */
export const style = `
:root {
  color-scheme: light dark;
  --background: #ffffff; --surface: #f5f6f8; --text: #1c2128; --muted: #5b6470; --rule: #d8dde3; --accent: #1f6fc4;
  --stamp: #fff3d6; --stamp-text: #6b4a00; --better: #1b7a4b; --worse: #b23b3b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --background: #14171c; --surface: #1c2128; --text: #e4e8ee; --muted: #9aa4b2; --rule: #333b46; --accent: #6db0f5;
    --stamp: #3c3114; --stamp-text: #f3d68a; --better: #5ec793; --worse: #ee8b8b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; background: var(--background); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; -webkit-text-size-adjust: 100%;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .5rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.75rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
.muted, figcaption, caption { color: var(--muted); font-size: .875rem; }
.stamps { display: flex; flex-wrap: wrap; gap: .4rem; padding: 0; margin: .75rem 0; list-style: none; }
.stamps li { background: var(--stamp); color: var(--stamp-text); border-radius: .3rem; padding: .1rem .6rem; font-size: .875rem; font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .9375rem; }
caption { text-align: left; padding-bottom: .4rem; }
th, td { padding: .4rem .6rem; text-align: right; border-bottom: 1px solid var(--rule); vertical-align: top; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); font-weight: 600; font-size: .8125rem; border-bottom: 2px solid var(--rule); vertical-align: bottom; white-space: normal; }
tbody th { font-weight: 600; white-space: normal; }
tr.control th, tr.control td { color: var(--muted); font-weight: 400; }
tr.first-control th, tr.first-control td { border-top: 2px solid var(--rule); }
.better { color: var(--better); font-weight: 600; }
.worse { color: var(--worse); font-weight: 600; }
.spread { display: block; color: var(--muted); font-size: .8125rem; font-weight: 400; }
td.left, th.left { text-align: left; white-space: normal; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.25rem; }
figure { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; }
.pictures { display: grid; gap: .35rem; }
.pictures figure { display: grid; grid-template-columns: 9rem 1fr; align-items: center; gap: .75rem; }
.pictures img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: .2rem; }
pre { background: var(--surface); border-radius: .4rem; padding: .75rem 1rem; overflow-x: auto; font-size: .875rem; white-space: pre-wrap; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: .75rem 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
details summary { cursor: pointer; color: var(--accent); }
@media (max-width: 40rem) {
  body { padding: 1.25rem 1rem 3rem; }
  th, td { padding: .35rem .25rem; }
  table { font-size: .8125rem; }
  thead th, .spread { font-size: .75rem; }
  .spread { white-space: normal; }
  .pictures figure { grid-template-columns: 1fr; gap: .1rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .5rem; }
}
@media print {
  body { max-width: none; padding: 0; }
  h2, figure, tr { break-inside: avoid; }
}
`;
