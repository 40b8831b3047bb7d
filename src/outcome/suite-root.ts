/** What is known of the folder the suite lay in, on the machine that ran it. */
export interface SuiteRoot {
  /** Files that the messages name relative to it: features, steps, hooks. */
  readonly files: Set<string>;
  /** The folder, once an error has named one of those files with its whole path; forward slashes, none at the end. */
  folder: string | undefined;
  /** The folder that its dependencies lie in: most often the same. */
  dependencies: string | undefined;
}

export const unknownRoot = (): SuiteRoot => ({ files: new Set(), folder: undefined, dependencies: undefined });

const withSlashes = (path: string): string => path.replaceAll('\\', '/');

/** Notes a file that the messages name relative to the suite. */
export const addFile = (root: SuiteRoot, uri: string | undefined): void => {
  if (uri !== undefined && root.folder === undefined) root.files.add(withSlashes(uri).replace(/^\.\//, ''));
};

/** Whole paths in an error, as Node, the JVM and .NET write them: `file:///suite/steps.js:3`, `C:\suite\Steps.cs:line 3`. */
const pathPattern =
  /(?<![\w.:/\\-])(?:file:\/\/(?:\/(?=[A-Za-z]:))?)?((?:[A-Za-z]:)?[\\/](?:[^\s():"'`\\/]+[\\/])+[^\s():"'`\\/]+):(?:line )?\d/g;

const folderOf = ({ files }: SuiteRoot, path: string): string | undefined => {
  for (let slash = path.indexOf('/', 1); slash > 0; slash = path.indexOf('/', slash + 1)) {
    if (files.has(path.slice(slash + 1))) return path.slice(0, slash);
  }
  return undefined;
};

/** Looks for the suite's folder in an error as it came, until one names it. */
export const learnRoot = (root: SuiteRoot, error: string | undefined): void => {
  if (root.folder !== undefined || error === undefined) return;
  for (const [, found = ''] of error.slice(0, 100_000).matchAll(pathPattern)) {
    const path = withSlashes(found);
    root.folder ??= folderOf(root, path);
    const modules = path.indexOf('/node_modules/');
    if (modules > 0) root.dependencies ??= path.slice(0, modules);
  }
};

/** A function that makes the paths in a text relative to the suite: where it lay differs from machine to machine. */
export const relativeTo = ({ folder, dependencies }: SuiteRoot): ((text: string) => string) => {
  const known = folder ?? dependencies;
  if (known === undefined) return (text) => text;
  const path = known
    .split('/')
    .map((part) => RegExp.escape(part))
    .join('[\\\\/]');
  const pattern = new RegExp(`(^|[\\s("'\`=,[<])(?:file:///?)?${path}[\\\\/]`, 'gm');
  return (text) => text.replace(pattern, '$1');
};
