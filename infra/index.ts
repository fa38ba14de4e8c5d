// What is built, in order: each capability is one file and one line here (docs/adding-a-capability.md).
import "./defaults.ts";
import "./keys.ts";
import "./network.ts";
