"""How the proof page looks, on a screen and on A4 paper; nothing is fetched from anywhere."""

from __future__ import annotations

STYLE = """
:root{--ink:#23262b;--red:#b3121d;--line:#ddd6c8;--paper:#fffdf8;--shade:#f6f1e6;--quiet:#77705f}
*{box-sizing:border-box}
body{font:16px/1.75 "Noto Serif CJK SC","Songti SC",SimSun,serif;color:var(--ink);max-width:72rem;
margin:0 auto;padding:2.5rem 1.5rem 4rem;background:var(--paper)}
header{text-align:center;border-bottom:3px double var(--red);padding-bottom:1.2rem}
.issuer{color:var(--red);font-size:1.25rem;letter-spacing:.3em;margin:0}
h1{font-size:1.65rem;line-height:1.4;margin:.6rem 0}
.meta{color:var(--quiet);margin:0}
.good,.bad{color:#fff;border-radius:.25rem;padding:.1rem .6rem;font-size:.9rem}
.good{background:#1e6b3a}.bad{background:var(--red)}
.figures{display:flex;flex-wrap:wrap;gap:1rem;margin:1.6rem 0}
.figures div{flex:1 1 9rem;background:var(--shade);border-radius:.4rem;padding:.8rem 1rem;text-align:center}
.figures b{font-size:1.7rem;color:var(--red)}.figures span{display:block;color:var(--quiet);font-size:.85rem}
h2{font-size:1.15rem;margin:2.2rem 0 .6rem;border-left:.35rem solid var(--red);padding-left:.6rem}
h3{font-size:1rem;margin:1rem 0 .2rem}
table{border-collapse:collapse;width:100%;font-size:.92rem;margin:.4rem 0}
th,td{border:1px solid var(--line);padding:.4rem .6rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}
th{background:var(--shade);white-space:nowrap}
.units td:first-child{min-width:9rem}
.error{color:var(--red);font-weight:600}.note{color:#7a5b00}.quiet{color:var(--quiet);font-size:.85rem}
.code{font:600 .85rem monospace;color:var(--quiet)}
.mark{display:block;color:#7a5b00;font-size:.82rem}.mark::before{content:"▲ "}
.digest{font:600 1rem monospace;background:var(--shade);padding:.4rem .7rem;border-radius:.3rem;
overflow-wrap:anywhere}
details{margin:.5rem 0}summary{cursor:pointer;font-weight:600}
pre{white-space:pre-wrap;font:15px/1.7 inherit;background:#fff;padding:1rem;border:1px solid var(--line)}
a{color:#8a1c24}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem;color:var(--quiet);font-size:.9rem}
@media print{body{max-width:none;padding:0;background:#fff;font-size:11pt}
a{color:inherit;text-decoration:none}
section{break-inside:auto}tr,h2{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}
details>summary{list-style:none}.figures div{border:1px solid var(--line)}@page{size:A4;margin:16mm}}
"""
