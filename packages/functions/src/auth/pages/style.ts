// Uses the web's design tokens (packages/web/app/styles), so that sign-in looks like the school.
export const style = `
:root{color-scheme:light dark;
--n-1:light-dark(oklch(98.5% .004 85),oklch(17% .008 260));--n-2:light-dark(oklch(96.9% .005 85),oklch(20% .009 260));
--n-3:light-dark(oklch(95% .006 85),oklch(23.5% .01 260));--n-6:light-dark(oklch(88.4% .008 82),oklch(31.5% .012 260));
--n-8:light-dark(oklch(60% .012 78),oklch(57% .014 260));--n-10:light-dark(oklch(48.5% .012 75),oklch(72% .012 260));
--n-11:light-dark(oklch(40% .012 72),oklch(81% .01 260));--n-12:light-dark(oklch(22% .012 70),oklch(94% .006 260));
--surface:light-dark(oklch(99.7% .0015 85),oklch(19.5% .009 260));
--accent-3:light-dark(oklch(94.5% .025 160),oklch(26% .035 162));--accent-9:light-dark(oklch(46% .09 162),oklch(72% .12 162));
--accent-10:light-dark(oklch(41% .085 162),oklch(77% .12 162));--accent-11:light-dark(oklch(42% .085 162),oklch(80% .11 162));
--on-accent:light-dark(#fff,#000);--accent-fill:var(--accent-9);--accent-fill-hover:var(--accent-10);--on-fill:var(--on-accent);--accent-edge:var(--accent-9);
--danger-3:light-dark(oklch(95.5% .022 25),oklch(26% .05 25));--danger-11:light-dark(oklch(47% .18 27),oklch(80% .11 25));
--font-ui:"Instrument Sans",system-ui,sans-serif;--font-read:"Newsreader",Georgia,serif;
--radius-s:6px;--radius-m:10px;--radius-l:16px}
*,::before,::after{box-sizing:border-box}
html{overflow-y:scroll;scrollbar-color:var(--n-8) var(--n-1);font-family:var(--font-ui);background:var(--n-1);color:var(--n-12);-webkit-text-size-adjust:100%;text-rendering:optimizeLegibility}
body{margin:0;font-size:.9375rem;line-height:1.5;min-block-size:100dvh;display:grid;grid-template:auto 1fr auto/minmax(0,1fr)}
h1,h2,p,ul,form,fieldset,dl,dd{margin:0;padding:0}
h1,h2,p,li,a,dd{overflow-wrap:anywhere}
ul{list-style:none}fieldset{border:0;min-inline-size:0}
:focus-visible{outline:2px solid var(--accent-11);outline-offset:2px;border-radius:3px}
::selection{background:var(--accent-3);color:var(--n-12)}
.bar{border-block-end:1px solid var(--n-6);padding-inline:max(1rem,calc((100% - 72rem)/2 + 1rem));display:flex;align-items:center;block-size:3.5rem}
@media(min-width:48rem){.bar{padding-inline:max(1.5rem,calc((100% - 72rem)/2 + 1.5rem))}}
.mark{display:flex;align-items:center;gap:.625rem;min-inline-size:0;font-weight:600;color:inherit;text-decoration:none;padding-block:.25rem}
.mark img{max-block-size:2rem;max-inline-size:10rem;object-fit:contain}
.mark i{flex:none;display:grid;place-items:center;inline-size:2rem;block-size:2rem;border:1px solid var(--accent-edge);border-radius:var(--radius-s);background:var(--accent-fill);color:var(--on-fill);font:600 1.125rem/1 var(--font-read)}
.mark span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.mark svg{inline-size:1.75rem}.mark svg path:first-child{fill:var(--accent-9)}
main{inline-size:100%;max-inline-size:29rem;margin-inline:auto;padding:clamp(2.5rem,9vh,6rem) clamp(1rem,4vw,2rem) 4rem;display:grid;gap:1.5rem;align-content:start}
h1{font:500 clamp(1.625rem,5.5vw,2.0625rem)/1.2 var(--font-read);letter-spacing:-.012em;text-wrap:balance}
.lead{color:var(--n-11);font-size:1rem;margin-block-start:.625rem;max-inline-size:62ch}
form{display:grid;gap:1.25rem}
.field{display:grid;gap:.375rem}
.pair{display:grid;gap:1.25rem;align-items:start}
@media(min-width:30rem){.pair{grid-template-columns:1fr 1fr;gap:1rem}}
label,legend{font-weight:500;padding:0}
.note{font-weight:400;color:var(--n-10)}
.help{font-size:.875rem;color:var(--n-10)}
.box{font:inherit;font-size:1rem;inline-size:100%;min-block-size:2.75rem;padding:.5rem .75rem;border:1px solid var(--n-8);border-radius:var(--radius-s);background:var(--surface);color:var(--n-12)}
.box:focus-visible{outline-offset:0;border-color:var(--accent-11);border-radius:var(--radius-s)}
.box[aria-invalid=true]{border-color:var(--danger-11);box-shadow:inset 0 0 0 1px var(--danger-11)}
.box[readonly]{background:var(--n-2);color:var(--n-11)}
textarea.box{min-block-size:6rem;resize:vertical}
.secret{position:relative;display:grid}
.secret button{position:absolute;inset-block:0;inset-inline-end:0;margin:3px;padding:0 .75rem;border:0;border-radius:4px;background:none;color:var(--accent-11);font:500 .875rem/1 var(--font-ui);cursor:pointer}
.secret button:hover{background:var(--n-3)}
.secret:has(button) .box{padding-inline-end:4.5rem}
.error{font-size:.875rem;font-weight:500;color:var(--danger-11)}
.error,.summary h2{display:flex;gap:.4em;align-items:flex-start}
.error svg,.summary svg{flex:none;inline-size:1rem;block-size:1rem;margin-block-start:.2em}
.summary{background:var(--danger-3);border:1px solid var(--danger-11);border-radius:var(--radius-m);padding:.75rem 1rem}
.summary:focus-visible{outline-color:var(--danger-11);border-radius:var(--radius-m)}
.summary h2{font-size:.9375rem;font-weight:600;color:var(--danger-11)}.summary ul{margin-block-start:.375rem;padding-inline-start:1.5rem;display:grid;gap:.25rem}
.summary a{color:inherit}
.button{display:inline-flex;align-items:center;justify-content:center;font:600 .9375rem/1.4 var(--font-ui);text-align:center;min-block-size:2.75rem;padding:.5rem 1.125rem;border:1px solid var(--accent-edge);border-radius:var(--radius-s);background:var(--accent-fill);color:var(--on-fill);text-decoration:none;cursor:pointer}
.button:hover{background:var(--accent-fill-hover)}
.button.quiet{background:var(--surface);color:var(--n-12);border-color:var(--n-8)}.button.quiet:hover{background:var(--n-3)}
a.link,.links a,.foot a{color:var(--accent-11);text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.2em}
a.link:hover,.links a:hover,.foot a:hover{text-decoration-thickness:2px}
button.link{font:inherit;color:var(--accent-11);background:none;border:0;padding:.25rem 0;text-decoration:underline;text-decoration-thickness:1px;text-underline-offset:.2em;cursor:pointer}button.link:hover{text-decoration-thickness:2px}
.tabs{display:grid;grid-template-columns:1fr 1fr;border-block-end:1px solid var(--n-6)}
.tabs a{padding:.625rem .5rem;margin-block-end:-1px;text-align:center;color:var(--n-11);text-decoration:none;border-block-end:2px solid transparent}
.tabs a:hover{color:var(--n-12);background:var(--n-3)}
.tabs a[aria-current]{color:var(--n-12);font-weight:600;border-block-end-color:var(--accent-9)}
.links{display:grid;gap:.5rem;border-block-start:1px solid var(--n-6);padding-block-start:1.25rem;color:var(--n-11)}
.row{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center}
.check{display:flex;gap:.625rem;align-items:flex-start}
.check input{inline-size:1.25rem;block-size:1.25rem;margin:.1rem 0 0;accent-color:var(--accent-9);flex:none}
details{border-block:1px solid var(--n-6)}summary{cursor:pointer;font-weight:500;padding-block:.75rem;list-style:none;display:flex;justify-content:space-between;align-items:center}summary::-webkit-details-marker{display:none}
summary::after{content:"";inline-size:.5rem;block-size:.5rem;margin-inline-end:.375rem;border:solid var(--n-10);border-width:0 1.5px 1.5px 0;transform:translateY(-25%) rotate(45deg)}details[open]>summary::after{transform:translateY(25%) rotate(225deg)}details>div{display:grid;gap:1rem;padding-block:.25rem 1.25rem}
blockquote{margin:0;padding-inline-start:1rem;border-inline-start:2px solid var(--accent-9);font-family:var(--font-read);font-size:1.125rem;white-space:pre-line}
.foot{padding:1rem clamp(1rem,4vw,2rem) 1.5rem;color:var(--n-10);font-size:.875rem;display:flex;flex-wrap:wrap;justify-content:center;gap:.25rem 1.25rem}
.id{font-variant-numeric:tabular-nums;font-size:.875rem;color:var(--n-10)}
@media(prefers-reduced-motion:no-preference){.button,.secret button{transition:background-color .15s ease-out}}
@media(forced-colors:active){.button{border-color:ButtonText}}
`.replaceAll("\n", "");

/**
 * Adds a show-password button and focuses the first field of short forms. Not on touch screens, where the keyboard
 * would cover the page, and not after a refusal, whose summary takes focus.
 */
export const script = `
for (const box of document.querySelectorAll("[data-secret]")) {
  const button = document.createElement("button");
  button.type = "button";
  const show = (on) => {
    box.type = on ? "text" : "password";
    button.textContent = on ? "Hide" : "Show";
    button.setAttribute("aria-label", on ? "Hide password" : "Show password");
  };
  show(false);
  button.addEventListener("click", () => show(box.type === "password"));
  box.form?.addEventListener("submit", () => show(false));
  box.after(button);
}
const summary = document.querySelector("[data-summary]");
if (summary) summary.focus();
else if (matchMedia("(hover: hover) and (pointer: fine)").matches)
  document.querySelector("[data-first]")?.focus({ preventScroll: true });
`;
