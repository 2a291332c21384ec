import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { filesBelow } from '../../host/scripts/sources.ts';
import { ROOT } from './pages.ts';

/** A hook token as a source exports it. */
export interface HookToken {
  name: string;
  /** The constant that it is exported as. */
  token: string;
  file: string;
  kind: string;
  onFailure: string;
  /** Milliseconds. */
  deadline: number;
  /** Fields of the payload, and the type of each as the source writes it. */
  fields: Record<string, string>;
}

const KINDS = ['series', 'waterfall', 'bail'];

const parsed = (): ts.SourceFile[] =>
  filesBelow(['plugin-api/src', 'host/src', 'plugins'].map((dir) => join(ROOT, dir)))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));

function optionOf(options: ts.Expression | undefined, name: string): string | undefined {
  if (!options || !ts.isObjectLiteralExpression(options)) return undefined;
  const found = options.properties.find((one) => one.name?.getText() === name);
  return found && ts.isPropertyAssignment(found) ? found.initializer.getText().replaceAll("'", '') : undefined;
}

function fieldsOf(payload: ts.TypeNode | undefined): Record<string, string> {
  if (!payload || !ts.isTypeLiteralNode(payload)) return {};
  return Object.fromEntries(
    payload.members
      .filter(ts.isPropertySignature)
      .map((member) => [member.name.getText(), (member.type?.getText() ?? '').replace(/\s+/g, ' ')]),
  );
}

function tokenOf(node: ts.VariableDeclaration, source: ts.SourceFile): HookToken | undefined {
  const call = node.initializer;
  if (!call || !ts.isCallExpression(call) || !KINDS.includes(call.expression.getText())) return undefined;
  const [name, options] = call.arguments;
  if (!name || !ts.isStringLiteral(name)) return undefined;
  return {
    name: name.text,
    token: node.name.getText(),
    file: relative(ROOT, source.fileName),
    kind: call.expression.getText(),
    onFailure: optionOf(options, 'onFailure') ?? 'contain',
    deadline: Number(optionOf(options, 'deadline')?.replaceAll('_', '') ?? 5000),
    fields: fieldsOf(call.typeArguments?.[0]),
  };
}

/** Every hook token of the sources, and the files in which each is fired. */
export function hooksInSources(): { tokens: HookToken[]; fired: Map<string, string[]> } {
  const sources = parsed();
  const tokens: HookToken[] = [];
  const fired = new Map<string, string[]>();
  for (const source of sources) {
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node)) {
        const token = tokenOf(node, source);
        if (token) tokens.push(token);
      }
      if (ts.isCallExpression(node) && /(^|\.)fire$/.test(node.expression.getText())) {
        const fires = (node.arguments[0]?.getText() ?? '').replace(/ as never$/, '');
        fired.set(fires, [...(fired.get(fires) ?? []), relative(ROOT, source.fileName)]);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return { tokens, fired };
}
