import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { Template } from '../template.ts';
import { ruleSet } from './waivers.ts';

/** A rule that a template breaks. */
export interface Breach {
  /** `CT.ECS.PR.6` */
  readonly rule: string;
  /** The logical id of the resource that breaks it. */
  readonly resource: string;
  /** What the rule asks for. */
  readonly asks: string;
  readonly remedy: string;
}

const folder = dirname(createRequire(import.meta.url).resolve('@cdklabs/cdk-validator-cfnguard/package.json'));

const builds: Readonly<Record<string, string>> = {
  'linux x64': 'ubuntu/x86_64',
  'linux arm64': 'ubuntu/aarch64',
  'darwin x64': 'macos/x86_64',
  'darwin arm64': 'macos/aarch64',
};

/** cfn-guard for this machine; undefined where its makers have none. */
export const guard = (({ platform, arch }) => {
  const build = builds[`${platform} ${arch}`];
  return build && join(folder, 'bin', build, 'cfn-guard');
})(process);

/** Every breach of a rule in a packaged template. @throws when cfn-guard cannot look at it */
export async function breaches(program: string, template: Template): Promise<readonly Breach[]> {
  const place = await mkdtemp(join(tmpdir(), 'coldframe-rules-'));
  try {
    const file = join(place, 'template.json');
    await writeFile(file, JSON.stringify(template));
    const [report] = v.parse(reports, JSON.parse(await look(program, file)));
    return report.not_compliant.flatMap(({ Rule }) => breachesOf(Rule));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

const reports = v.tuple([
  v.object({
    // Nothing at all would mean that it has read nothing.
    compliant: v.pipe(v.array(v.string()), v.minLength(1)),
    not_compliant: v.array(v.object({ Rule: v.looseObject({ name: v.string() }) })),
  }),
]);

/** Exit code 19: the template breaks a rule. */
function look(program: string, template: string): Promise<string> {
  const rules = join(folder, 'rules', ruleSet);
  const args = ['validate', '--data', template, '--rules', rules, '--structured', '--output-format', 'json', '--show-summary', 'none'];
  return new Promise((resolve, reject) => {
    execFile(program, args, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null || error.code === 19) resolve(stdout);
      else reject(new Error(`${program} could not look at ${template}:\n${stdout}${stderr}`, { cause: error }));
    });
  });
}

/** What a rule found lies deep within its checks: its own words, and the paths it came to. */
function breachesOf(rule: { readonly name: string }): readonly Breach[] {
  const texts = textsIn(rule);
  const [, name = rule.name, asks = ''] = first(texts, /\[(CT\.[A-Z0-9.]+)\]: (.*)/);
  const [, remedy = ''] = first(texts, /\[FIX\]: (.*)/);
  const resources = new Set(texts.flatMap((text) => [...text.matchAll(/\/Resources\/(\w+)/g)].map(([, resource = '']) => resource)));
  return [...resources].map((resource) => ({ rule: name, resource, asks, remedy }));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const first = (texts: readonly string[], pattern: RegExp): readonly string[] =>
  texts.map((text) => pattern.exec(text)).find((match) => match !== null) ?? [];
