// The arrows of the house (docs/architecture.md). A new arrow is argued for in an ADR, not added here in passing.
const pkg = (name) => `^packages/${name}/`;
const never = (name, from, to, comment) => ({ name, severity: "error", comment, from, to });

/** The wings of core, lowest first (docs/adr/0031-wings.md). */
const wings = ["kernel", "content", "house", "talk", "people", "learn"];
/** Wings that hold domains: tables, rules and rights of their own. */
const domains = wings.slice(2).join("|");
const tests = "\\.test\\.ts$|/testing/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    never(
      "no-circles",
      { path: "^(.+)$" },
      // A file that exports itself under its own name (`export * as Session`) is no circle.
      { circular: true, pathNot: "^$1$", viaOnly: { dependencyTypesNot: ["type-only"] } },
      "A circle hides which part stands on which.",
    ),
    ...wings.map((wing, at) =>
      never(
        `${wing}-below`,
        { path: `^packages/core/src/${wing}/`, pathNot: tests },
        { path: `^packages/core/src/(${[...wings.slice(at + 1)].join("|") || "(?!)"})/` },
        "A wing imports only wings below it.",
      ),
    ),
    never(
      "domains-through-faces",
      { path: "^packages/core/src/([^/]+)/([^/]+)/", pathNot: tests },
      {
        path: `^packages/core/src/(${domains})/[^/]+/`,
        // Within one wing also the tables. Of another wing's tables only the people themselves, for joins and references.
        pathNot:
          "/index\\.ts$|^packages/core/src/$1/$2/|^packages/core/src/$1/[^/]+/[^/]+\\.sql\\.ts$|/identity/user\\.sql\\.ts$",
      },
      "Another domain is used through its index.ts.",
    ),
    never(
      "core-stands-alone",
      { path: pkg("core"), pathNot: "\\.test\\.ts$|/testing/" },
      { path: "^packages/(tenants|functions|web|local|cli)/" },
      "core publishes; it calls nobody above it.",
    ),
    never(
      "core-knows-no-http",
      { path: pkg("core") },
      { path: "node_modules/(hono|@hono|react|react-dom|@remix-run)/" },
      "core knows neither HTTP nor React nor Lambda.",
    ),
    never(
      "tenants-on-core",
      { path: pkg("tenants"), pathNot: "/testing/|\\.test\\.ts$" },
      { path: "^packages/(functions|web|local|cli)/" },
      "tenants stands on core only.",
    ),
    never(
      "doors-apart",
      { path: pkg("functions"), pathNot: "\\.test\\.tsx?$|/testing/" },
      { path: "^packages/(web|local|cli)/" },
      "A door does not open into another.",
    ),
    never(
      "web-on-core",
      { path: pkg("web") },
      { path: "^packages/(functions|local|cli)/" },
      "Pages call core and tenants.",
    ),
    never(
      "nothing-ships-local",
      { path: "^packages/(core|tenants|functions|web)/", pathNot: "\\.test\\.tsx?$|/testing/" },
      { path: pkg("local") },
      "local is imported by nothing that ships.",
    ),
    never(
      "kernel-below-domains",
      { path: "^packages/core/src/kernel/", pathNot: "\\.test\\.ts$" },
      { path: "^packages/core/src/(?!kernel/|util/)" },
      "The kernel knows no domain.",
    ),
    never(
      "openauth-in-one-place",
      { pathNot: "^packages/functions/src/auth/" },
      { path: "node_modules/@openauthjs/" },
      "OpenAuth stands behind our auth port.",
    ),
    never(
      "aws-clients-in-one-place",
      {
        path: "^packages/",
        // Turning secrets, migrating at a deployment, open connections and tasks of a school are on AWS only: there is no local part to choose.
        pathNot:
          "^packages/core/src/kernel/(aws|storage|event|dynamo)/|\\.test\\.ts$|^packages/local/|^packages/functions/src/(secrets|migrate|websocket|workspace)/",
      },
      { path: "node_modules/@aws-sdk/client-(?!(eventbridge|sqs|sesv2|s3|dynamodb)/)" },
      "Clients are made by kernel/aws.",
    ),
    never(
      "no-test-in-product",
      { path: "^packages/", pathNot: "\\.test\\.tsx?$|/testing/" },
      { path: "\\.test\\.tsx?$" },
      "Tests are leaves.",
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(build|fixtures)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
