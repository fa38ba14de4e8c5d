import path from "node:path";
import ts from "typescript";
import { root } from "../synth/paths.ts";

// What a handler reads as `Resource.<name>`, followed through the code: from the handler to every declaration that what it
// says can come to. A bundle holds more than that, because a module that many share is in it whole.

/** A declaration at the top of a module, or a statement that runs when the module is loaded. */
type Unit = ts.Node;

interface Code {
  readonly checker: ts.TypeChecker;
  fileOf(relative: string): ts.SourceFile;
}

let known: Code | undefined;

/** The whole repository as the compiler sees it; made once. */
function code(): Code {
  known ??= load();
  return known;
}

function load(): Code {
  const config = ts.readConfigFile(path.join(root, "tsconfig.json"), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const shipped = fileNames.filter(
    (file) => /packages\/(core|tenants|functions|cli)\/src\//.test(file) && !/\.test\.tsx?$/.test(file),
  );
  const program = ts.createProgram([...shipped, path.join(root, "sst-env.d.ts")], {
    ...options,
    incremental: false,
    noEmit: true,
  });
  return {
    checker: program.getTypeChecker(),
    fileOf: (relative) => {
      const file = [".ts", ".tsx"]
        .map((ending) => program.getSourceFile(path.join(root, relative + ending)))
        .find(Boolean);
      if (!file) throw new Error(`there is no ${relative}`);
      return file;
    },
  };
}

const isOurs = (file: ts.SourceFile): boolean => !file.isDeclarationFile && !file.fileName.includes("/node_modules/");

/** The units of a module: each variable of a statement is one of its own. */
function unitOf(node: ts.Node): Unit | undefined {
  let at: ts.Node = node;
  while (at.parent && !ts.isSourceFile(at.parent)) {
    if (
      ts.isVariableDeclaration(at) &&
      ts.isVariableStatement(at.parent.parent) &&
      ts.isSourceFile(at.parent.parent.parent)
    )
      return at;
    at = at.parent;
  }
  return at.parent && !ts.isImportDeclaration(at) && !ts.isExportDeclaration(at) ? at : undefined;
}

/** Runs as soon as the module is loaded: neither a declaration nor something that another module's name leads to. */
const runsAtOnce = (statement: ts.Statement): boolean =>
  ts.isExpressionStatement(statement) || ts.isIfStatement(statement) || ts.isForOfStatement(statement);

const readings = new Map<string, ReadonlyMap<string, string>>();

/**
 * The names that a handler ("packages/functions/src/api/handler.handler") may come to read, each with the place of one
 * reading. `without` names declarations ("packages/core/src/x/index.ts#name") that are not followed.
 */
export function readsOf(source: string, without: ReadonlySet<string> = new Set()): ReadonlyMap<string, string> {
  const id = [source, ...without].join(" ");
  const found = readings.get(id) ?? follow(source, without);
  readings.set(id, found);
  return found;
}

function follow(source: string, without: ReadonlySet<string>): ReadonlyMap<string, string> {
  const { checker, fileOf } = code();
  const entry = fileOf(source.replace(/\.[^./]*$/, ""));
  const handler = source.split(".").at(-1) ?? "";
  const seen = new Set<ts.Node>();
  const waiting: Unit[] = [];
  const reads = new Map<string, string>();
  const take = (unit: Unit | undefined) => {
    if (!unit || seen.has(unit) || !isOurs(unit.getSourceFile())) return;
    if (without.has(nameOf(unit))) return;
    seen.add(unit);
    waiting.push(unit);
  };
  const loadModule = (file: ts.SourceFile) => {
    if (seen.has(file) || !isOurs(file)) return;
    seen.add(file);
    for (const statement of file.statements) {
      if (runsAtOnce(statement)) take(statement);
      const isImport = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
      if (!isImport || !statement.moduleSpecifier || isTypeOnly(statement)) continue;
      const target = checker.getSymbolAtLocation(statement.moduleSpecifier)?.valueDeclaration;
      if (target && ts.isSourceFile(target)) loadModule(target);
    }
  };
  const name = (symbol: ts.Symbol | undefined) => {
    if (!symbol) return;
    const meant = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    for (const declaration of meant.declarations ?? []) if (!ts.isSourceFile(declaration)) take(unitOf(declaration));
  };
  const look = (node: ts.Node): void => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (
      ts.isPropertyAccessExpression(node) &&
      node.expression.getText() === "Resource" &&
      isResource(node.expression)
    ) {
      const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
      const place = `${path.relative(root, node.getSourceFile().fileName)}:${line + 1}`;
      if (!reads.has(node.name.text)) reads.set(node.name.text, place);
    }
    if (ts.isIdentifier(node)) {
      name(checker.getSymbolAtLocation(node));
      // `{ name }` in an object stands for the variable as well as for the property.
      if (ts.isShorthandPropertyAssignment(node.parent)) name(checker.getShorthandAssignmentValueSymbol(node.parent));
    }
    // `const { find } = await import(...)`: the property that is taken, of whatever it is taken from.
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const wanted = node.propertyName ?? node.name;
      if (ts.isIdentifier(wanted)) name(checker.getTypeAtLocation(node.parent).getProperty(wanted.text));
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [given] = node.arguments;
      const target = given && checker.getSymbolAtLocation(given)?.valueDeclaration;
      if (target && ts.isSourceFile(target)) loadModule(target);
    }
    ts.forEachChild(node, look);
  };
  loadModule(entry);
  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(entry) as ts.Symbol);
  name(exported.find((symbol) => symbol.name === handler));
  for (let unit = waiting.pop(); unit; unit = waiting.pop()) look(unit);
  return reads;

  function isResource(node: ts.Expression): boolean {
    const symbol = checker.getSymbolAtLocation(node);
    const [from] = symbol?.declarations ?? [];
    const imported = from && ts.isImportSpecifier(from) ? from.parent.parent.parent.moduleSpecifier : undefined;
    return imported !== undefined && ts.isStringLiteral(imported) && imported.text === "sst";
  }
}

function isTypeOnly(statement: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  return ts.isImportDeclaration(statement) ? statement.importClause?.isTypeOnly === true : statement.isTypeOnly;
}

/** "packages/core/src/x/index.ts#name" of a declaration. */
function nameOf(unit: Unit): string {
  const file = path.relative(root, unit.getSourceFile().fileName);
  const named = (unit as { readonly name?: ts.Node }).name;
  return `${file}#${named?.getText() ?? ""}`;
}
