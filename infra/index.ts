// What is built, in order: each capability is one file and one line here (docs/adding-a-capability.md).
import "./defaults.ts";
import "./keys.ts";
import "./network.ts";
import "./secrets.ts";
import "./tables.ts";
import "./storage.ts";
import "./database.ts";
import "./migrate.ts";
import "./messaging.ts";
import "./reactions.ts";
import "./crons.ts";
import "./auth.ts";
import "./api.ts";
import "./web.ts";
import "./workspace.ts";
import "./observability.ts";
import "./policies.ts";
