import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from './pages.ts';

/** One thing that an entry of `@rig/plugin-api` exports. */
export interface ApiExport {
  /** The import path: `@rig/plugin-api` and so on. */
  entry: string;
  name: string;
  /** `interface`, `type`, `class`, `function` or `value`. */
  kind: string;
  /** `NAME` and `NAME.member` of whatever has no doc comment. */
  undocumented: string[];
}

/** What an author can import, and the file that each entry is made from. */
export const ENTRIES = {
  '@rig/plugin-api': 'plugin-api/src/index.ts',
  '@rig/plugin-api/max': 'plugin-api/src/max/index.ts',
  '@rig/plugin-api/schema': 'plugin-api/src/schema.ts',
} as const;

function optionsOf(): ts.CompilerOptions {
  const file = join(ROOT, 'tsconfig.json');
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options;
}

const hasComment = (symbol: ts.Symbol, checker: ts.TypeChecker): boolean =>
  symbol.getDocumentationComment(checker).length > 0 || symbol.getJsDocTags(checker).length > 0;

function kindOf(symbol: ts.Symbol): string {
  if (symbol.flags & ts.SymbolFlags.Class) return 'class';
  if (symbol.flags & ts.SymbolFlags.Function) return 'function';
  if (symbol.flags & ts.SymbolFlags.Variable) return 'value';
  return symbol.flags & ts.SymbolFlags.Interface ? 'interface' : 'type';
}

/** What of an interface or a class an author can name: not its brands, which are symbols. */
function membersOf(node: ts.Node): ts.NamedDeclaration[] {
  if (ts.isInterfaceDeclaration(node)) return node.members.filter(isNamed);
  if (!ts.isClassDeclaration(node)) return [];
  return node.members
    .filter((member) => ts.isMethodDeclaration(member) || ts.isPropertyDeclaration(member))
    .filter(isNamed);
}

const isNamed = (member: ts.NamedDeclaration): boolean => member.name !== undefined && ts.isIdentifier(member.name);

const isDocumented = (member: ts.NamedDeclaration): boolean => ts.getJSDocCommentsAndTags(member).length > 0;

/** Every export of `@rig/plugin-api` and its entries, with what lacks a doc comment, by the compiler itself. */
export function apiExports(): ApiExport[] {
  const program = ts.createProgram(
    Object.values(ENTRIES).map((file) => join(ROOT, file)),
    optionsOf(),
  );
  const checker = program.getTypeChecker();
  return Object.entries(ENTRIES).flatMap(([entry, file]) => {
    const source = program.getSourceFile(join(ROOT, file));
    const module = source && checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} exports nothing`);
    return checker.getExportsOfModule(module).map((exported): ApiExport => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const undocumented = hasComment(symbol, checker) ? [] : [exported.name];
      for (const declaration of symbol.declarations ?? [])
        for (const member of membersOf(declaration))
          if (!isDocumented(member)) undocumented.push(`${exported.name}.${member.name?.getText()}`);
      return { entry, name: exported.name, kind: kindOf(symbol), undocumented };
    });
  });
}
