import path from "node:path";
import ts from "typescript";
import { root } from "../synth/paths.ts";

// Follows the code from a handler to every declaration it can reach and collects the `Resource.<name>` it reads. The
// bundle alone shows too much, because shared modules are bundled whole.

/** A top-level declaration, or a statement that runs at load. */
type Unit = ts.Node;

interface Code {
  readonly checker: ts.TypeChecker;
  fileOf(relative: string): ts.SourceFile;
}

let known: Code | undefined;

/** The whole repository as the compiler sees it; created once. */
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

/** Each variable of a statement is its own unit. */
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

const runsAtOnce = (statement: ts.Statement): boolean =>
  ts.isExpressionStatement(statement) || ts.isIfStatement(statement) || ts.isForOfStatement(statement);

const readings = new Map<string, ReadonlyMap<string, string>>();

/**
 * Returns the names that a handler ("packages/functions/src/api/handler.handler") may read, each with one location.
 * Declarations in `without` ("packages/core/src/x/index.ts#name") are not followed.
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
  /** A namespace that is passed on as a value: anything it exports may be used. */
  const whole = ({ parent }: ts.Identifier, symbol: ts.Symbol | undefined) => {
    if (!symbol || !(symbol.flags & ts.SymbolFlags.Alias) || ts.isPropertyAccessExpression(parent)) return;
    if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) return;
    const meant = checker.getAliasedSymbol(symbol);
    if (meant.valueDeclaration && ts.isSourceFile(meant.valueDeclaration))
      for (const each of checker.getExportsOfModule(meant)) name(each);
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
      const symbol = checker.getSymbolAtLocation(node);
      name(symbol);
      whole(node, symbol);
      // `{ name }` in an object is both the variable and the property.
      if (ts.isShorthandPropertyAssignment(node.parent)) name(checker.getShorthandAssignmentValueSymbol(node.parent));
    }
    // `const { find } = await import(...)` uses the destructured property.
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

function nameOf(unit: Unit): string {
  const file = path.relative(root, unit.getSourceFile().fileName);
  const named = (unit as { readonly name?: ts.Node }).name;
  return `${file}#${named?.getText() ?? ""}`;
}
