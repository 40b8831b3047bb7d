import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followLink, type LinkKey, linkTo } from '../../src/run/link.ts';

const key: LinkKey = { stage: 'prod', secret: 'a secret of sixteen bytes or more', publicUrl: 'https://bot.example.com' };
const linked = { environment: 'staging', runId: 'staging-20261123-0412-k3f9qa', file: 'report.html' };

const parts = (link: string) => {
  const url = new URL(link);
  return { path: url.pathname, signature: url.searchParams.get('s') ?? '' };
};

describe('a link', () => {
  it.each(['report.html', 'shards/1/attachments/0a1b.png'])('to %s leads where it was made for', (file) => {
    const { path, signature } = parts(linkTo({ ...linked, file }, key));
    expect(followLink(path, signature, key)).toEqual({ ...linked, file, generation: 0 });
  });

  it('is worth nothing on another stage, with another secret, or for another file', () => {
    const { path, signature } = parts(linkTo(linked, key));
    expect(followLink(path, signature, { ...key, stage: 'dev' })).toBeUndefined();
    expect(followLink(path, signature, { ...key, secret: 'another' })).toBeUndefined();
    expect(followLink(path.replace('report.html', 'other.html'), signature, key)).toBeUndefined();
    expect(followLink(path.replace('staging/', 'production/'), signature, key)).toBeUndefined();
  });

  it('says of which generation it is, and none can be made of another', () => {
    const { path, signature } = parts(linkTo({ ...linked, generation: 2 }, key));
    expect(followLink(path, signature, key)).toEqual({ ...linked, generation: 2 });
    const code = signature.replace('2.', '');
    for (const other of [code, `1.${code}`, `02.${code}`, `2.2.${code}`, `3.${parts(linkTo(linked, key)).signature}`])
      expect(followLink(path, other, key)).toBeUndefined();
  });

  it('cannot climb out of its run, even well signed', () => {
    for (const file of ['../x', 'a/../b', '.hidden', 'a//b', '%2e%2e/x']) {
      const { signature } = parts(linkTo({ ...linked, file: 'x' }, key));
      expect(followLink(`/reports/staging/${linked.runId}/${file}`, signature, key)).toBeUndefined();
    }
  });

  it('is never opened by a guess, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (path, signature) => {
        expect(followLink(path, signature, key)).toBeUndefined();
      }),
    );
  });
});
