import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ExitCode } from '@rig/plugin-api';
import ts from 'typescript';
import { filesBelow } from '../../host/scripts/sources.ts';
import { exitCodeOf } from '../../host/src/http/problem.ts';
import { ROOT } from './pages.ts';

/** A code of rig as the sources have it. */
export interface SourceCode {
  /** Where it stands, `path:line`. */
  places: string[];
  /** Exit codes of errors that stand beside it: of a `RigError`, or of a problem of Max by its status. */
  exits: Set<number>;
  /** Statuses of the router's own pages with this code: they go to whoever asks an app, never to rig. */
  pages: Set<number>;
  /** Whether it is somewhere the code of a warning. */
  warning: boolean;
  /** Whether it is given out, and not only compared with. */
  given: boolean;
  /** Whether some place gives it out in a way of which only a person can tell the exit code. */
  vague: boolean;
}

/** The codes and the variables of the environment that the sources name. */
export interface Found {
  codes: Map<string, SourceCode>;
  /** Variables that are read, and where first. */
  variables: Map<string, string>;
}

const NAME = /^RIG_[A-Z0-9_]+$/;

/** Where codes may stand: everything that runs as rig or as Max. */
export const SOURCES = ['plugin-api/src', 'host/src', 'host/bin', 'plugins'] as const;

/** `io.env`, `process.env`, or a plain `env`: what variables are read from. */
const isEnvironment = (node: ts.Expression): boolean =>
  (ts.isIdentifier(node) && node.text === 'env') || (ts.isPropertyAccessExpression(node) && node.name.text === 'env');

/** A variable that this node reads, if it reads one. */
function variableOf(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node) && isEnvironment(node.expression)) return node.name.text;
  if (ts.isElementAccessExpression(node) && isEnvironment(node.expression))
    return ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : undefined;
  if (!ts.isStringLiteralLike(node)) return undefined;
  // The settings name their variables, and dirs.ts looks folders up by theirs.
  if (/^XDG_[A-Z_]+$/.test(node.text)) return node.text;
  const { parent } = node;
  return ts.isPropertyAssignment(parent) && parent.name.getText() === 'env' ? node.text : undefined;
}

const COMPARISONS = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

/** Whether a literal is only compared with: `code === 'RIG_X'`, `['RIG_X'].includes(code)`. */
function isComparison(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return COMPARISONS.has(parent.operatorToken.kind);
  return (
    ts.isArrayLiteralExpression(parent) &&
    ts.isPropertyAccessExpression(parent.parent) &&
    parent.parent.name.text === 'includes'
  );
}

const isProperty =
  (name: string) =>
  (one: ts.ObjectLiteralElementLike): boolean =>
    one.name?.getText() === name;

/** The exit of an object `{code, exitCode, …}` that makes an error: 1 where it says none. */
function exitsOf(node: ts.ObjectLiteralExpression): number[] | undefined {
  if (!ts.isNewExpression(node.parent)) return undefined;
  const made = node.parent.expression.getText();
  // How a deployment failed is told by rig deploy, which ends with 1.
  if (made === 'DeploymentError') return [ExitCode.Failed];
  if (made !== 'RigError') return undefined;
  const property = node.properties.find(isProperty('exitCode'));
  if (property === undefined) return node.properties.some(ts.isSpreadAssignment) ? undefined : [ExitCode.Failed];
  const names = [...property.getText().matchAll(/ExitCode\.(\w+)/g)].map((match) => match[1] as keyof typeof ExitCode);
  return names.length === 0 ? undefined : names.map((name) => ExitCode[name]);
}

/** A list or a type of codes: it gives none out by itself. */
const isListing = (node: ts.Node): boolean =>
  ts.isArrayLiteralExpression(node) || ts.isLiteralTypeNode(node) || ts.isSpreadElement(node);

function note(literal: ts.StringLiteralLike, code: SourceCode, place: string): void {
  const { parent } = literal;
  if (isComparison(literal)) return;
  code.given = true;
  if (isListing(parent)) return;
  const object = ts.isPropertyAssignment(parent) ? parent.parent : undefined;
  if (object) {
    const exits = exitsOf(object);
    const status = object.properties.find(isProperty('status'));
    if (exits) for (const exit of exits) code.exits.add(exit);
    else if (place.startsWith('plugins/max/src/router/') && status && ts.isPropertyAssignment(status))
      code.pages.add(Number(status.initializer.getText()));
    else code.vague = true;
    return;
  }
  if (ts.isCallExpression(parent) && /(^|\.)warn(\?\.)?$/.test(parent.expression.getText())) code.warning = true;
  else if (ts.isNewExpression(parent) && parent.expression.getText() === 'ProblemError')
    code.exits.add(exitCodeOf(Number(parent.arguments?.[0]?.getText()), literal.text));
  else code.vague = true;
}

const fresh = (): SourceCode => ({
  places: [],
  exits: new Set(),
  pages: new Set(),
  warning: false,
  given: false,
  vague: false,
});

/** What the programs that Max starts are given is told in docs/apps.md. */
const OF_APPS = /^plugins\/max\/src\/(engine|static)\//;

/** Reads every source by the compiler, so that comments count for nothing, and collects codes and variables. */
export function codesInSources(dirs: readonly string[] = SOURCES): Found {
  const codes = new Map<string, SourceCode>();
  const variables = new Map<string, string>();
  const literals: Array<{ node: ts.StringLiteralLike; place: string }> = [];
  const files = filesBelow(dirs.map((dir) => join(ROOT, dir))).filter((file) => /\.(ts|cjs)$/.test(file));
  for (const file of files) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    const place = (node: ts.Node): string =>
      `${relative(ROOT, file)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const visit = (node: ts.Node): void => {
      const variable = variableOf(node);
      if (variable !== undefined && /^[A-Z][A-Za-z0-9_]+$/.test(variable) && !OF_APPS.test(place(node)))
        if (!variables.has(variable)) variables.set(variable, place(node));
      if (ts.isStringLiteralLike(node) && NAME.test(node.text)) literals.push({ node, place: place(node) });
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  for (const { node, place } of literals) {
    if (variables.has(node.text)) continue;
    const code = codes.get(node.text) ?? fresh();
    code.places.push(place);
    note(node, code, place);
    codes.set(node.text, code);
  }
  return { codes, variables };
}
