/** The report's style sheet: no fonts or files from elsewhere; follows the reader's light or dark setting. */
export const style = `
:root { color-scheme: light dark; --text: #1f2328; --dim: #59636e; --line: #d1d9e0; --page: #ffffff; --card: #f6f8fa; --a: #0a66c2; --b: #c2410c; --good: 10 102 194; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --page: #0d1117; --card: #151b23; --a: #58a6ff; --b: #f0883e; --good: 56 139 253; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 32px 24px 64px; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 40px 0 12px; } p { margin: 4px 0; } .dim { color: var(--dim); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 24px 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; } .tile b { display: block; font-size: 18px; font-weight: 600; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 16px; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; } figcaption { font-weight: 600; margin-bottom: 8px; }
svg { width: 100%; height: auto; } polyline { fill: none; stroke-width: 2; } .a { stroke: var(--a); fill: var(--a); } .b { stroke: var(--b); fill: var(--b); } polyline.a, polyline.b { fill: none; }
.grid { stroke: var(--line); } .mark { stroke: var(--dim); stroke-dasharray: 4 3; } .tick { font-size: 11px; fill: var(--dim); }
.key { font-weight: 400; margin-left: 12px; color: var(--dim); } .key i { display: inline-block; width: 10px; height: 10px; border-radius: 5px; margin-right: 4px; } .key i.a { background: var(--a); } .key i.b { background: var(--b); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; } th, td { padding: 6px 10px; border: 1px solid var(--line); text-align: right; } th { font-weight: 600; background: var(--card); } th:first-child, td.left { text-align: left; }
.matrix td { min-width: 52px; text-align: center; font-variant-numeric: tabular-nums; } .matrix td.right { font-weight: 700; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); gap: 12px; } .mistake { border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--card); font-size: 13px; }
.mistake img { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; } .mistake div { padding: 6px 8px; overflow-wrap: anywhere; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; overflow-x: auto; font-size: 13px; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; } dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
`;
