import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noCounts } from '../../src/outcome/counts.ts';
import { observe } from '../../src/outcome/judge.ts';
import { junitXml } from '../../src/outcome/junit.ts';
import { verdictOnMessages } from '../../src/outcome/messages-verdict.ts';
import { scenarioOutcomes } from '../../src/outcome/scenario-outcome.ts';
import { suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { emptySuite } from '../../src/outcome/suite-state.ts';
import { readStream, recorded, samples } from './streams.ts';

const junitOf = (text: string): string => {
  const state = emptySuite();
  for (const envelope of readStream([text])) observe(state, envelope);
  const outcome = verdictOnMessages(suiteSoFar(state), { isComplete: true });
  return [...junitXml({ name: 'shop', outcome, scenarios: scenarioOutcomes(state) })].join('');
};

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

const unescaped = (text: string): string => {
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
  if (/&(?!(?:amp|lt|gt|quot|#\d+);)|</.test(text)) throw new Error(`not well-formed: ${text}`);
  return text.replace(/&(?:#(\d+)|(\w+));/g, (_, code, name) =>
    code === undefined ? (entities[name] ?? '') : String.fromCodePoint(Number(code)),
  );
};

/** Reads XML as strictly as a parser must: balanced, escaped, and without a character that XML forbids. */
const parse = (xml: string): Node => {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml) || !xml.isWellFormed())
    throw new Error('a character that XML forbids');
  const root: Node = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<\?xml[^?]*\?>|<(\/?)([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const found of xml.matchAll(token)) {
    const [, closes, name, attributes = '', empty, text] = found;
    end = (found.index ?? 0) + found[0].length;
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.text += unescaped(text);
    else if (closes === '/') {
      if (open.pop()?.name !== name) throw new Error(`not balanced: ${name}`);
    } else if (name !== undefined) {
      const values = [...attributes.matchAll(/ ([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]);
      const node: Node = { name, attributes: Object.fromEntries(values), children: [], text: '' };
      top.children.push(node);
      if (empty !== '/') open.push(node);
    }
  }
  if (end !== xml.length || open.length !== 1) throw new Error(`not well-formed at ${end}: ${xml.slice(end, end + 80)}`);
  return root.children[0] ?? root;
};

const all = (node: Node, name: string): Node[] => [
  ...(node.name === name ? [node] : []),
  ...node.children.flatMap((child) => all(child, name)),
];

describe('JUnit XML', () => {
  it('of a run in which everything happens is what was read in review', async () => {
    await expect(junitOf(recorded.get('everything') ?? '')).toMatchFileSnapshot('../golden/outcome/junit-everything.xml');
  });

  it.each([...samples, ...recorded])('of %s is well-formed, adds up, and is green only when the outcome is', (_, text) => {
    const state = emptySuite();
    for (const envelope of readStream([text])) observe(state, envelope);
    const suite = suiteSoFar(state);
    const { kind } = verdictOnMessages(suite, { isComplete: true });
    const xml = parse(junitOf(text));
    const cases = all(xml, 'testcase');
    const having = (child: string): number => cases.filter(({ children }) => children.some(({ name }) => name === child)).length;
    expect(xml.attributes).toMatchObject({
      tests: `${cases.length}`,
      failures: `${having('failure')}`,
      errors: `${having('error')}`,
      skipped: `${having('skipped')}`,
    });
    expect(having('failure')).toBe(kind === 'passed' ? 0 : suite.failures.length);
    expect(having('failure') + having('error') === 0).toBe(kind === 'passed');
    for (const name of ['tests', 'failures', 'errors', 'skipped'])
      expect(xml.children.reduce((sum, { attributes }) => sum + Number(attributes[name]), 0)).toBe(Number(xml.attributes[name]));
  });

  it('names what failed before it passed, and what failed again, as Surefire does', () => {
    const [flaky, failed] = ['flakyFailure', 'rerunFailure'].map((name) => all(parse(junitOf(samples.get('retry') ?? '')), name).length);
    expect({ flaky, failed }).toEqual({ flaky: 3, failed: 2 });
  });

  it('is not red for what is in quarantine, and tells it all the same', () => {
    const broken = {
      feature: 'F',
      uri: 'f',
      line: 1,
      scenario: 'S',
      status: 'failed',
      attempts: 1,
      durationMs: 5,
      error: 'no',
      earlierErrors: ['not yet'],
    } as const;
    const outcome = {
      kind: 'passed',
      counts: { ...noCounts, total: 2, passed: 1, failed: 1, quarantined: 1 },
      flaky: [],
      durationMs: 5,
    } as const;
    const xml = [...junitXml({ name: 'x', outcome, scenarios: [{ ...broken, isQuarantined: true }] })].join('');
    expect(parse(xml).attributes).toMatchObject({ tests: '1', failures: '0', errors: '0', skipped: '1' });
    expect(all(parse(xml), 'skipped')[0]?.attributes.message).toBe('In quarantine: no');
    expect(all(parse(xml), 'rerunFailure')).toEqual([]);
  });

  it('carries any text unharmed, but for what XML forbids', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(']]>', '</testcase>', '<!--', '&amp;', '"\'', 'a\r\nb\tc', '\u0000\u0008\ud800\ufffe\u{1f600}'),
    );
    fc.assert(
      fc.property(nasty, nasty, (name, error) => {
        const scenario = {
          feature: name,
          uri: name,
          line: 1,
          scenario: name,
          status: 'failed',
          attempts: 1,
          durationMs: 5,
          error,
          earlierErrors: [error],
        } as const;
        const xml = parse([...junitXml({ name, outcome: { kind: 'broken', error, counts: noCounts }, scenarios: [scenario] })].join(''));
        const clean = (text: string) => text.toWellFormed().replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
        expect(all(xml, 'testcase').at(-1)?.attributes.name).toBe(clean(name));
        expect(all(xml, 'failure')[0]?.text).toBe(clean(error));
      }),
    );
  });
});
