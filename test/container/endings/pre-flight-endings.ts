import { aSuite } from './a-suite.ts';
import type { Ending } from './endings.ts';

const files = aSuite({ first: ['all is well'] });

/** A browser that knows its version, and does this when it is to show a page. */
const browserThat = (does: string): Readonly<Record<string, string>> => ({
  ...files,
  'browser.sh': `#!/bin/sh\nif [ "$1" = --version ]; then echo "Chromium 156.0.8078.79"; exit; fi\n${does}\n`,
});
const ownBrowser = ({ folder }: { readonly folder: string }) => ({ CHROME_PATH: `${folder}/browser.sh` });

/** What keeps a suite from being started at all. */
export const preFlightEndings: readonly Ending[] = [
  {
    name: 'environment-down',
    leftOut: '`preparing.test.ts` has it',
    mostlyWaits: true,
    title: 'the environment refuses connections',
    files,
    address: () => 'http://127.0.0.1:9',
    kind: 'broken',
    says: ['refuses connections', 'Nothing was run', 'look whether it is up'],
  },
  {
    name: 'environment-silent',
    like: 'environment-down',
    mostlyWaits: true,
    title: 'the environment takes connections and says nothing',
    files,
    address: (site) => `${site}/silence`,
    kind: 'broken',
    says: ['says nothing within 3 seconds', 'security group'],
  },
  {
    name: 'environment-503',
    like: 'environment-down',
    mostlyWaits: true,
    title: 'the environment answers 503',
    files,
    address: (site) => `${site}/answers-503`,
    kind: 'broken',
    says: ['answers 503', 'its deployment'],
  },
  {
    name: 'environment-unknown',
    like: 'environment-down',
    mostlyWaits: true,
    title: "the environment's name is unknown",
    files,
    address: () => 'https://staging.invalid',
    kind: 'broken',
    says: ['https://staging.invalid/ has no address', 'subnets'],
  },
  {
    name: 'environment-no-tls',
    like: 'environment-down',
    mostlyWaits: true,
    title: 'the environment does not speak TLS under its https address',
    files,
    address: (site) => site.replace('http:', 'https:'),
    kind: 'broken',
    says: ['does not speak TLS as it should: wrong version number', 'should begin with http://'],
  },
  {
    name: 'suite-missing',
    leftOut: '`preparing.test.ts` has it',
    title: 'the image has no suite',
    files: undefined,
    kind: 'broken',
    says: ['There is no suite', 'COLDFRAME_SUITE'],
  },
  {
    name: 'dependencies-missing',
    like: 'suite-missing',
    title: "the suite's dependencies are not installed",
    files: { ...files, 'package.json': '{"name":"suite","type":"module","devDependencies":{"@cucumber/cucumber":"13.3.0"}}' },
    kind: 'broken',
    says: ['has no @cucumber/cucumber', 'npm ci'],
  },
  {
    name: 'secrets-unreadable',
    like: 'suite-missing',
    title: "the suite's secrets cannot be read",
    files,
    environment: { secretsPath: '/coldframe/prod/suite/staging' },
    variables: () => ({ AWS_ENDPOINT_URL_SSM: 'http://127.0.0.1:9' }),
    kind: 'broken',
    says: ["The suite's secrets below /coldframe/prod/suite/staging cannot be read", 'ssm:GetParametersByPath'],
  },
  {
    name: 'browser-none',
    like: 'suite-missing',
    title: 'what `CHROME_PATH` names is no browser',
    files,
    variables: () => ({ CHROME_PATH: '/bin/false' }),
    kind: 'broken',
    says: ['CHROME_PATH names no usable browser', 'set it to a Chrome or Chromium'],
  },
  {
    name: 'browser-incomplete',
    like: 'suite-missing',
    title: 'the browser ends at once: a library is missing',
    files: browserThat('echo "error while loading shared libraries: libnss3.so: cannot open shared object file" >&2; exit 127'),
    variables: ownBrowser,
    kind: 'broken',
    says: ['The browser does not start', 'exit code 127', 'libnss3.so', 'Start it in the image by hand'],
  },
  {
    name: 'browser-hangs-at-start',
    like: 'suite-missing',
    mostlyWaits: true,
    title: 'the browser starts and shows no page, for 20 seconds',
    files: browserThat('sleep 1000 & sleep 1000'),
    variables: ownBrowser,
    kind: 'broken',
    says: ['The browser does not start', 'shows no page within 20 seconds'],
  },
];
