// Page addresses must be built by `pathTo` (packages/core/src/kernel/path), which encodes every part. Only
// `server/redirect.server.ts` may use Remix's redirects, which throw on non-Latin addresses.
import { globSync, readdirSync, readFileSync } from "node:fs";
import { authPages } from "@lectern/core/kernel/path";
import ts from "typescript";

const home = /packages\/core\/src\/kernel\/path\//;
const elsewhere =
  /node_modules|\.test\.tsx?$|\/testing\/|\/build\/|packages\/functions\/src\/(api|isolation|workspace)\//;
const attributes = new Set(["to", "href", "action", "formAction", "courseHref"]);
const calls = new Set(["redirect", "redirectWith", "redirectDocument"]);

/** First path segments of our pages: the routes, and the pages of the sign-in host. */
const pages = new Set<string>(authPages);
for (const file of readdirSync("packages/web/app/routes")) {
  const [first = ""] = file.replaceAll(/\[(.)\]/g, "$1").split(".");
  if (/^[a-z-]+_?$/.test(first)) pages.add(first.replace(/_$/, ""));
}

export function findHandBuiltPaths(fileName: string, source: string): string[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const report = (node: ts.Node, what: string) => {
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${fileName}:${line + 1}: ${what}: ${node.getText().replaceAll(/\s+/g, " ").slice(0, 100)}`);
  };
  const visit = (node: ts.Node): void => {
    const built = partsOf(node);
    if (built !== undefined && (isPagePath(built) || isAddress(node))) {
      report(node, "build this address with pathTo");
      return;
    }
    if (ts.isImportDeclaration(node) && /^@remix-run\/(node|react)$/.test(moduleOf(node))) {
      const names = node.importClause?.namedBindings;
      if (names && ts.isNamedImports(names) && names.elements.some((each) => /^redirect/.test(each.name.text)))
        if (!fileName.endsWith("redirect.server.ts")) report(node, "import redirects from server/redirect.server.ts");
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Returns the literal start of a composed text; undefined when nothing is composed. */
function partsOf(node: ts.Node): string | undefined {
  if (ts.isTemplateExpression(node)) return node.head.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const left = ts.isParenthesizedExpression(node.left) ? node.left.expression : node.left;
  return ts.isStringLiteralLike(left) ? left.text : partsOf(left);
}

const isPagePath = (start: string): boolean => pages.has(/^\/([a-z-]+)(?:[/?#]|$)/.exec(start)?.[1] ?? "");

/** Whether a text is used as an address: in an attribute, a property or a redirect. */
function isAddress(node: ts.Node): boolean {
  if (/^.(#|mailto:|https?:\/\/[a-z])/.test(node.getText())) return false;
  let parent = node.parent;
  while (ts.isJsxExpression(parent) || ts.isConditionalExpression(parent) || ts.isParenthesizedExpression(parent))
    parent = parent.parent;
  if (ts.isJsxAttribute(parent)) return attributes.has(parent.name.getText());
  if (ts.isPropertyAssignment(parent)) return parent.name.getText() === "to" || parent.name.getText() === "href";
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  const callee = parent.expression;
  return calls.has(ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText());
}

const moduleOf = (node: ts.ImportDeclaration): string =>
  ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : "";

if (process.argv[1]?.endsWith("check-paths.ts")) {
  const files = globSync("packages/{core,tenants,functions,web}/**/*.{ts,tsx}").filter(
    (file) => !elsewhere.test(file) && !home.test(file),
  );
  const findings = files.flatMap((file) => findHandBuiltPaths(file, readFileSync(file, "utf8")));
  for (const finding of findings) process.stdout.write(`${finding}\n`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}
