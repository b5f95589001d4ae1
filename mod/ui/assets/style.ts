/** How the pages look: light and dark, from 360 px on. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --card: #f6f8fa; --line: #d0d7de; --text: #1f2328; --dim: #59636e;
  --link: #0550ae; --good: #116329; --bad: #b3121d; --way: #7a4b00; --focus: #0969da;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --card: #161b22; --line: #3d444d; --text: #e6edf3; --dim: #a5afba;
    --link: #79b8ff; --good: #56d364; --bad: #ff9a92; --way: #e3b341; --focus: #58a6ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.skip { position: absolute; left: -999em; }
.skip:focus { left: 1em; top: 1em; background: var(--back); padding: .5em; z-index: 1; }
header { display: flex; flex-wrap: wrap; gap: .4em 1.2em; align-items: center; padding: .6em 1em;
  border-bottom: 1px solid var(--line); background: var(--card); }
header nav { display: flex; flex-wrap: wrap; gap: .2em 1em; }
header a { text-decoration: none; }
header nav a[aria-current] { font-weight: 600; text-decoration: underline; text-underline-offset: .3em; }
.brand { font-weight: 700; color: var(--text); }
.at { margin-left: auto; color: var(--dim); overflow-wrap: anywhere; }
#link.lost { color: var(--bad); font-weight: 600; }
main { padding: 1em; max-width: 1500px; margin: 0 auto; }
main:focus { outline: none; }
footer { padding: 1em; color: var(--dim); text-align: center; }
kbd { border: 1px solid var(--line); border-radius: 4px; padding: 0 .3em; }
h1 { font-size: 1.4em; margin: .2em 0 .6em; overflow-wrap: anywhere; }
h2 { font-size: 1.1em; margin: 1.4em 0 .5em; overflow-wrap: anywhere; }
.dim, time { color: var(--dim); }
.mark { font-weight: 600; }
td .mark { white-space: nowrap; }
.holds.mark, .well.mark { color: var(--good); }
.broken.mark, .unwell.mark { color: var(--bad); }
.changing.mark, .unknown.mark, .unconfirmed.mark { color: var(--way); }
.chain { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .6em; }
.chain li { flex: 1 1 170px; border: 1px solid var(--line); border-left: 5px solid var(--line);
  border-radius: 6px; padding: .5em .8em; background: var(--card); display: flex; flex-direction: column;
  min-width: 0; overflow-wrap: anywhere; }
.chain li.holds, .card.holds, .card.well { border-left-color: var(--good); }
.chain li.broken, .card.broken, .card.unwell, .cause.broken { border-left-color: var(--bad); }
.chain li.unknown, .chain li.changing, .cause.unknown, .cause.changing, .card.unconfirmed,
.card.changing, .card.unknown { border-left-color: var(--way); }
.cause, .trial, .card { border: 1px solid var(--line); border-left: 5px solid var(--line); border-radius: 6px;
  padding: .4em 1em; margin: .6em 0; background: var(--card); overflow-wrap: anywhere; }
.next::before { content: "→ "; }
.clock { font-variant-numeric: tabular-nums; font-weight: 600; }
.cards { list-style: none; padding: 0; display: grid; gap: .8em; grid-template-columns: repeat(auto-fill, minmax(260px, 1fr)); }
.card h2 { margin: .2em 0; }
.card { margin: 0; }
.card.away { border-left-color: var(--dim); }
.rollout h3 { font-size: 1em; margin: 0; color: var(--dim); }
.rollout ul { list-style: none; margin: 0; padding: 0; }
.batches { list-style: none; padding: 0; display: grid; gap: .6em; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }
.batches > li { border: 1px solid var(--line); border-radius: 6px; padding: .4em .8em; background: var(--card);
  max-height: 40vh; overflow-y: auto; overflow-wrap: anywhere; }
.batches > li[aria-current] { border-color: var(--link); border-width: 2px; }
.waiting.mark { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35em .8em .35em 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 9em; }
.number { font-variant-numeric: tabular-nums; }
.image { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; min-width: 10em; }
tr.current th, tr.current td { background: var(--card); }
.curve { white-space: nowrap; font-variant-numeric: tabular-nums; }
.curve svg { width: 90px; height: 22px; vertical-align: middle; margin-right: .4em; }
polyline { fill: none; stroke: var(--link); stroke-width: 1.6; }
.timeline { width: 100%; max-width: 820px; }
.timeline text { fill: var(--dim); font-size: 12px; }
.timeline .sandbox { fill: var(--dim); opacity: .5; }
.timeline .container { fill: var(--link); opacity: .7; }
.timeline .ready { fill: var(--good); }
.timeline line { stroke: var(--line); }
.timeline .good { fill: var(--link); }
.timeline .bad { fill: var(--bad); }
.events { list-style: none; padding: 0; max-height: 18em; overflow-y: auto; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2em 1.2em; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
pre, .lines { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .6em .8em;
  overflow: auto; font: 13px/1.45 ui-monospace, monospace; max-height: 60vh; }
.diff span { display: block; white-space: pre; }
.diff .added { color: var(--good); } .diff .removed { color: var(--bad); }
.diff .hunk, .diff .header { color: var(--dim); }
.failure { border-color: var(--bad); white-space: pre-wrap; }
.lines { height: 50vh; white-space: pre-wrap; overflow-wrap: anywhere; }
.lines .stderr::before { content: "! "; color: var(--way); font-weight: 700; }
.lines .notice { color: var(--dim); font-style: italic; }
.lines mark { background: #fff3a3; color: #1f2328; }
.controls { display: flex; flex-wrap: wrap; gap: .4em 1em; align-items: center; }
select { max-width: 100%; }
.search { display: block; margin-bottom: .8em; }
input, select, textarea, button, .button { font: inherit; color: inherit; background: var(--back);
  border: 1px solid var(--line); border-radius: 6px; padding: .3em .7em; }
textarea { width: 100%; font: 13px/1.45 ui-monospace, monospace; display: block; margin: .4em 0 1em; }
button, .button { background: var(--card); cursor: pointer; text-decoration: none; display: inline-block; }
button { border-color: var(--link); font-weight: 600; }
.actions { display: flex; flex-wrap: wrap; gap: .6em; }
[hidden] { display: none !important; }
@media (max-width: 600px) {
  main { padding: .7em; } .at { margin-left: 0; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .4em; }
}
@media (prefers-reduced-motion: no-preference) { .chain li, .card { transition: border-color .3s; } }
`;
