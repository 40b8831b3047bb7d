import { plural } from '../message/text.ts';
import { cspHash } from './content-policy.ts';
import { escapeHtml } from './html.ts';
import type { Scenarios } from './scenario-details.ts';

/** Of so many scenarios Cucumber's own page can well be opened; it builds them all at once. */
const mostInOne = 2_000;
const inOnePart = 500;

/** A part of Cucumber's report: some features, all of each. */
export interface CucumberPart {
  readonly features: readonly { readonly uri: string; readonly name: string; readonly scenarios: number; readonly bad: number }[];
}

type Counted = CucumberPart['features'][number];

const countFeatures = ({ features, all }: Scenarios): readonly Counted[] => {
  const counted = features.map(({ uri, name }) => ({ uri, name, scenarios: 0, bad: 0 }));
  for (const { row } of all) {
    const feature = counted[row.feature];
    if (feature === undefined) continue;
    feature.scenarios += 1;
    if (row.status !== 'passed' && row.status !== 'skipped') feature.bad += 1;
  }
  return counted;
};

/** How Cucumber's report of a large run is divided; a single part when it need not be. */
export const cucumberParts = (scenarios: Scenarios): readonly CucumberPart[] => {
  const features = countFeatures(scenarios);
  if (scenarios.all.length <= mostInOne) return [{ features }];
  const parts: Counted[][] = [];
  let left = 0;
  for (const feature of features) {
    if (left < feature.scenarios || parts.length === 0) {
      parts.push([]);
      left = inOnePart;
    }
    parts.at(-1)?.push(feature);
    left -= feature.scenarios;
  }
  return parts.map((part) => ({ features: part }));
};

const styles = `:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; } body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
li { margin: .2rem 0; } h2 { font-size: 1.05rem; margin-top: 1.6rem; } .bad { font-weight: 600; }`;

const featureItem = ({ name, uri, scenarios, bad }: Counted): string =>
  `<li><bdi>${escapeHtml(name)}</bdi> (${escapeHtml(uri)}): ${plural(scenarios, 'scenario')}${bad > 0 ? `, <span class="bad">${bad.toLocaleString('en')} not passed</span>` : ''}</li>`;

/** The list of the parts of Cucumber's report, as a page. */
export const cucumberIndex = (title: string, parts: readonly (CucumberPart & { readonly href: string })[]): string => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${escapeHtml(cspHash(styles))}; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${styles}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p>One page of so many scenarios would be too large for a browser: here it is in ${parts.length} parts.</p>
${parts.map(({ href, features }, index) => `<h2><a href="${escapeHtml(href)}" rel="noopener">Part ${index + 1}</a></h2>\n<ul>${features.map(featureItem).join('')}</ul>`).join('\n')}
</main>
</body>
</html>
`;
