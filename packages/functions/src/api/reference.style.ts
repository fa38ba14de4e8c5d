export const referenceStyle = `
:root{color-scheme:light dark;--ground:oklch(98.5% .004 85);--ink:oklch(24% .02 260);--soft:oklch(46% .02 260);--line:oklch(88% .008 85);--raise:oklch(100% 0 0);--link:oklch(42% .11 165)}
@media (prefers-color-scheme:dark){:root{--ground:oklch(17% .008 260);--ink:oklch(93% .006 85);--soft:oklch(74% .01 260);--line:oklch(32% .012 260);--raise:oklch(21% .01 260);--link:oklch(80% .11 165)}}
*{box-sizing:border-box}html{scroll-padding-top:1rem}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.6 "Instrument Sans Variable","Instrument Sans",ui-sans-serif,system-ui,sans-serif}
a{color:var(--link);text-underline-offset:.2em}a:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--raise);padding:.5rem 1rem;z-index:2}
.shell{display:grid;grid-template-columns:19rem minmax(0,1fr);max-width:84rem;margin:0 auto}
nav{position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding:2rem 1.25rem;border-inline-end:1px solid var(--line);font-size:.875rem}
nav h2{font-size:.8125rem;margin:1.5rem 0 .25rem;color:var(--soft);font-weight:600}nav ul{list-style:none;margin:0;padding:0}
nav a{display:flex;gap:.5rem;padding:.2rem 0;color:inherit;text-decoration:none;overflow-wrap:anywhere;line-height:1.4}nav a:hover{color:var(--link)}
.brand{font-weight:650;font-size:1.0625rem;margin:0}
main{padding:3rem clamp(1rem,4vw,4rem) 6rem}
h1{font-size:clamp(1.9rem,4vw,2.75rem);letter-spacing:-.02em;line-height:1.1;margin:0 0 1rem;font-weight:600}
main h2{font-size:1.5rem;letter-spacing:-.01em;margin:3.5rem 0 .5rem}h3{font-size:1.125rem;margin:0}h4{font-size:.875rem;margin:1.25rem 0 .25rem;color:var(--soft)}
.lead{font-size:1.125rem;max-width:60ch;color:var(--soft)}p,li{max-width:70ch}
h1,h2,h3,p,dd,main code{overflow-wrap:anywhere}pre code{overflow-wrap:normal}
article{padding:1.75rem 0;border-top:1px solid var(--line);margin-top:1rem}
code,pre{font:.875em/1.5 "Geist Mono Variable",ui-monospace,SFMono-Regular,Menlo,monospace}
pre{background:var(--raise);border:1px solid var(--line);border-radius:8px;padding:1rem;overflow-x:auto}
.route{margin:.25rem 0 .5rem}.method{font:600 .75rem/1.5 ui-monospace,monospace;min-width:3.2rem;display:inline-block;color:var(--soft)}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:.5rem 0}.facts div{display:flex;gap:.5rem}dt{color:var(--soft)}dd{margin:0}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9375rem}th,td{text-align:start;padding:.4rem .75rem .4rem 0;vertical-align:top;border-bottom:1px solid var(--line)}th{font-weight:600;font-size:.8125rem;color:var(--soft)}small{color:var(--soft)}td{overflow-wrap:anywhere}
@media (max-width:56rem){.shell{display:block}nav{position:static;max-height:45vh;border:0;border-bottom:1px solid var(--line)}}
@media print{nav{display:none}.shell{display:block}}
`;
