// The style, the script and the escaping of pages in HTML.

/** Escapes text for element content and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --dim: #697077; --ground: #fff; --line: #dfe3e8; --hot: #d9480f; --user: #f08c4a; --dependency: #f4d06f; --blue: #2b6cb0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --dim: #9aa2ab; --ground: #16191d; --line: #30363d; --hot: #ff8a4c; --user: #b8581f; --dependency: #7d6718; --blue: #6cb0f5; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground); margin: 2rem auto; max-width: 1080px; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 2rem 0 .6rem; }
.program, .hint { color: var(--dim); margin: .2rem 0 1rem; }
.facts { display: flex; gap: 2.5rem; margin: 0; } .facts dt { color: var(--dim); font-size: .8rem; } .facts dd { margin: 0; font-size: 1.25rem; font-variant-numeric: tabular-nums; }
code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, monospace; }
table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 500; color: var(--dim); font-size: .8rem; }
td, th { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.place { position: relative; width: 60%; } .place code { position: relative; } .share { position: absolute; inset: 3px auto 3px -6px; background: var(--hot); opacity: .16; border-radius: 3px; }
.kind { font-size: .78rem; padding: .05rem .5rem; border-radius: 1rem; border: 1px solid var(--line); color: var(--dim); }
.time-line { width: 100%; height: auto; } .time-line text { font: 11px system-ui, sans-serif; fill: var(--dim); }
.grid { stroke: var(--line); } .threshold { stroke: var(--hot); stroke-dasharray: 4 4; } .delay { fill: none; stroke: var(--blue); stroke-width: 1.3; }
.stall { fill: var(--hot); opacity: .45; } .stall:hover { opacity: .9; } .stall.starved { fill: var(--dim); }
details { border-bottom: 1px solid var(--line); padding: .35rem 0; } summary { cursor: pointer; } details:target { background: color-mix(in srgb, var(--hot) 8%, transparent); }
pre { overflow-x: auto; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 6px; }
.flame { position: relative; overflow: hidden; } .box { position: absolute; height: 19px; padding: 0 4px; border: 0; border-right: 1px solid var(--ground); font: 11px/19px ui-monospace, monospace; text-align: left; color: var(--ink); background: var(--dependency); overflow: hidden; white-space: nowrap; text-overflow: ellipsis; cursor: pointer; }
.box.user { background: var(--user); } .box.root { background: var(--line); } .box:hover { filter: brightness(1.1); }
`;

export const PAGE_SCRIPT = `
for (const flame of document.querySelectorAll(".flame")) flame.addEventListener("click", ({ target }) => {
  if (!target.matches(".box")) return;
  const from = Number(target.dataset.left), share = Number(target.dataset.share);
  for (const box of flame.children) {
    const left = (Number(box.dataset.left) - from) / share, wide = Number(box.dataset.share) / share;
    const start = Math.max(0, left), end = Math.min(1, left + wide);
    box.style.left = start * 100 + "%";
    box.style.width = Math.max(0, end - start) * 100 + "%";
    box.style.display = end - start > 1e-6 ? "" : "none";
  }
});
const show = () => { const open = document.querySelector("details:target"); if (open) open.open = true; };
addEventListener("hashchange", show); show();
`;
