import type { Envelope } from '@cucumber/messages';
import { readReportAssets } from '../../src/app/report-assets.ts';
import { suiteSoFar } from '../../src/outcome/suite-so-far.ts';
import { verdict } from '../../src/outcome/verdict.ts';
import { budgetOf } from '../../src/report/budget.ts';
import { emptyDetails } from '../../src/report/details-state.ts';
import { observeDetails } from '../../src/report/observe-details.ts';
import { type ReportPage, reportPage } from '../../src/report/report-page.ts';
import { scenariosOf } from '../../src/report/scenarios.ts';
import { ending } from '../outcome/streams.ts';

const { page: assets } = await readReportAssets();

/** The page of these messages: as one text, and what it was made of. Without an outcome: the one they come to. */
export function pageOf(
  envelopes: Iterable<Envelope>,
  more: Partial<ReportPage> = {},
  addressOf = (url: string) => `https://bot.example/${url}`,
) {
  const details = emptyDetails({ addressOf, budget: budgetOf(1024 * 1024) });
  for (const envelope of envelopes) observeDetails(details, envelope);
  const suite = suiteSoFar(details.suite);
  const outcome = more.outcome ?? verdict(ending(suite));
  const scenarios = scenariosOf(details, outcome);
  const page: ReportPage = { name: 'staging', outcome, facts: [], links: [], notes: [], scenarios, assets, pictureOrigins: [], ...more };
  return { html: [...reportPage(page)].join(''), page, suite };
}
