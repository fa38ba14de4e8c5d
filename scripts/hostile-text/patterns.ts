import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

export interface Pattern {
  readonly source: string;
  readonly flags: string;
  readonly at: string;
}

/** A `new RegExp(...)`: its pattern is known at run time only. */
export interface ComputedPattern {
  readonly file: string;
  readonly text: string;
}

const root = join(import.meta.dirname, "..", "..");
const shipped = "packages/{core,tenants,functions,web}/{src,app,server}/**/*.{ts,tsx}";
const isProduct = (file: string): boolean => !/\.test\.tsx?$|\/testing\//.test(file);

/** Returns every regular expression in the packages that receive external text. */
export function collectPatterns(): { readonly literals: Pattern[]; readonly computed: ComputedPattern[] } {
  const literals: Pattern[] = [];
  const computed: ComputedPattern[] = [];
  for (const file of globSync(shipped, { cwd: root }).filter(isProduct).sort()) {
    const tree = ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf("/");
        const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
        literals.push({ source: node.text.slice(1, end), flags: node.text.slice(end + 1), at: `${file}:${line}` });
      } else if ((ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText(tree) === "RegExp")
        computed.push({ file, text: node.getText(tree) });
      ts.forEachChild(node, visit);
    };
    visit(tree);
  }
  return { literals, computed };
}
