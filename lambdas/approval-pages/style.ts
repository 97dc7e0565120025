import { createHash } from 'node:crypto';

/** The whole style of the pages; the policy admits it by its hash and nothing else. */
export const style = `
:root{color-scheme:light dark;--bg:#f6f6f4;--card:#fff;--ink:#1c1d1f;--soft:#56595e;--line:#dcdcd8;--field:#8a8d92;--accent:#1f4fbf;--on-accent:#fff;--danger:#a3161c;--on-danger:#fff;--danger-bg:#fdf1f0;--good:#17693a;--good-bg:#eef7f1;--warn:#7a4b00;--warn-bg:#fdf6e7}
@media screen and (prefers-color-scheme:dark){:root{--bg:#151618;--card:#1e2023;--ink:#ececea;--soft:#a9adb3;--line:#35383d;--field:#7d828a;--accent:#9dbdff;--on-accent:#10182b;--danger:#ff9d97;--on-danger:#2b0808;--danger-bg:#331b1b;--good:#86d7a5;--good-bg:#18291f;--warn:#f0c674;--warn-bg:#2e2717}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:46rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.5rem;color:var(--soft);font-size:.875rem}
main{padding-top:.75rem;padding-bottom:1.5rem}
footer{padding-bottom:3rem;color:var(--soft);font-size:.875rem}
h1{font-size:clamp(1.5rem,1.2rem + 1.6vw,2.125rem);line-height:1.2;letter-spacing:-.018em;font-weight:650;margin:.75rem 0 1rem;text-wrap:balance}
h2{font-size:1.125rem;line-height:1.3;letter-spacing:-.005em;margin:2.25rem 0 .75rem}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
a{color:var(--accent);text-underline-offset:.15em}
.count{display:inline-block;min-width:1.5rem;padding:0 .4rem;border:1px solid var(--line);border-radius:1rem;background:var(--card);color:var(--soft);font-size:.8125rem;font-weight:600;text-align:center;font-variant-numeric:tabular-nums}
p{margin:.5rem 0}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
.lead{font-size:1.0625rem;color:var(--soft)}
.state{display:inline-block;padding:.125rem .625rem;border-radius:1rem;border:1px solid currentColor;font-size:.8125rem;font-weight:600}
.note{border:1px solid var(--line);border-left:.3rem solid var(--soft);border-radius:.375rem;padding:.75rem 1rem;margin:1rem 0;background:var(--card)}
.note>:first-child{margin-top:0}.note>:last-child{margin-bottom:0}
.danger{color:var(--danger)}.good{color:var(--good)}.warn{color:var(--warn)}
.note.danger{border-color:var(--danger);background:var(--danger-bg)}
.note.good{border-color:var(--good);background:var(--good-bg)}
.note.warn{border-color:var(--warn);background:var(--warn-bg)}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.375rem 1.25rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0}
.tally{display:grid;grid-template-columns:repeat(auto-fit,minmax(6rem,1fr));gap:.625rem;list-style:none;padding:0;margin:1rem 0}
.tally li{border:1px solid var(--line);border-radius:.5rem;background:var(--card);padding:.5rem .75rem;color:var(--soft);font-size:.875rem}
.tally strong{display:block;font-size:1.5rem;line-height:1.2;color:var(--ink);font-variant-numeric:tabular-nums}
.tally .danger{border-color:var(--danger);color:var(--danger)}.tally .danger strong{color:inherit}
details,.bare{border:1px solid var(--line);border-radius:.5rem;background:var(--card);margin:.5rem 0}
summary,.bare{padding:.625rem .875rem;border-radius:.5rem}
summary{cursor:pointer}
details>:not(summary){margin-left:.875rem;margin-right:.875rem}
details details{margin-top:.375rem}
.act{display:inline-block;min-width:4.75rem;font-weight:650}
.rows{list-style:none;padding:0;margin-top:.25rem;margin-bottom:.75rem;font-size:.9375rem}
.rows li{padding:.4rem 0;border-top:1px solid var(--line)}
.rows li:first-child{border-top:0}
.k{color:var(--soft);display:block}
del{color:var(--danger)}ins{text-decoration:none;color:var(--good)}
pre{white-space:pre-wrap;margin:.375rem 0;padding:.625rem .75rem;background:var(--bg);border-radius:.375rem;overflow-wrap:anywhere}
.diff{max-height:none;padding:.5rem 0}
.diff>*{display:block;padding:0 .75rem;text-indent:-2ch;padding-left:calc(.75rem + 2ch)}
.diff del{text-decoration:none;background:var(--danger-bg)}.diff ins{background:var(--good-bg)}
.each .rows{margin:.125rem 0 0}.each .rows li{border:0;padding:.125rem 0}.each .rows .k{display:inline}
.pager{display:flex;flex-wrap:wrap;gap:.375rem 1rem;align-items:center;justify-content:space-between;margin:1rem 0;font-variant-numeric:tabular-nums}
.pager a,.pager span{padding:.5rem 0}
form{border:1px solid var(--line);border-radius:.75rem;background:var(--card);padding:1.25rem;margin-top:2.25rem}
form h2{margin-top:0}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
.hint{color:var(--soft);font-size:.875rem;margin:.125rem 0 .375rem}
details>.hint{margin-left:.875rem;margin-right:.875rem}
input[type=text],textarea{display:block;width:100%;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--field);border-radius:.375rem;padding:.625rem .75rem}
textarea{min-height:5.5rem;resize:vertical}
[aria-invalid=true]{border-color:var(--danger);border-width:2px}
.choices{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.25rem}
button{font:inherit;font-weight:650;min-height:2.875rem;padding:.625rem 1.5rem;border-radius:.375rem;border:2px solid var(--accent);cursor:pointer;flex:1 1 10rem}
.approve{background:var(--accent);color:var(--on-accent)}
.approve.risky{background:var(--danger);border-color:var(--danger);color:var(--on-danger)}
.reject{background:transparent;color:var(--ink);border-color:var(--field)}
[hidden]{display:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.cards{list-style:none;padding:0;margin:.75rem 0}
.cards li{border:1px solid var(--line);border-radius:.5rem;background:var(--card);padding:.75rem 1rem;margin:.5rem 0}
.cards a{font-weight:600}
.cards li>*{display:block;margin:0 0 .25rem}
@media (max-width:30rem){.tally{grid-template-columns:1fr 1fr}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.625rem}form{padding:1rem}}
@media print{form,.pager{display:none}details::details-content{content-visibility:visible;block-size:auto}li,.note,.tally{break-inside:avoid}}
`;

/** Sources of the style for the content security policy. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
