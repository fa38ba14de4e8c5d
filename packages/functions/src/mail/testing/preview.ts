import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderLetter } from "../render.tsx";
import { letters, looks } from "./samples.ts";

// Writes every letter as HTML and text into a folder, to view in a browser.
const folder = process.argv[2] ?? "mail-preview";
mkdirSync(folder, { recursive: true });
for (const [name, letter] of Object.entries(letters)) {
  for (const [i, look] of looks.entries()) {
    if (i > 0 && name !== "enrolled" && name !== "certificate") continue;
    const { html, text } = renderLetter(letter, look);
    writeFileSync(join(folder, `${name}${i || ""}.html`), html);
    if (i === 0) writeFileSync(join(folder, `${name}.txt`), text);
  }
}
