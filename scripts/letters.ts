// Renders the parts of the mails' layout. Run it after layout.tsx or React Email has changed.
import { writeFileSync } from "node:fs";
import path from "node:path";
import { source } from "../packages/functions/src/mail/parts.tsx";

writeFileSync(path.resolve(import.meta.dirname, "../packages/functions/src/mail/layout.parts.ts"), source());
