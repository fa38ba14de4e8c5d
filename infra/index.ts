// What is built, in order: each capability is one file and one line here (docs/adding-a-capability.md).
import "./defaults.ts";
import "./keys.ts";
import "./network.ts";
import "./secrets.ts";
import "./tables.ts";
import "./storage.ts";
import "./web.ts";
import "./policies.ts";
