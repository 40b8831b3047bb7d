#!/usr/bin/env node
// Stands in for Chrome where a suite needs none: it has a version, and opens a blank page over its DevTools pipe, which is all
// that the runner asks of a browser before it starts a suite. A real one takes a second of processor for that.
import { createReadStream, createWriteStream } from 'node:fs';

if (process.argv.includes('--version')) {
  console.log('Stand-in Chrome 1.0.0.0');
  process.exit();
}

const results = {
  'Browser.getVersion': { product: 'HeadlessChrome/1.0.0.0' },
  'Target.createTarget': { targetId: 'page' },
  'Target.attachToTarget': { sessionId: 'session' },
  'Runtime.evaluate': { result: { value: '<html><head></head><body></body></html>' } },
};

const answers = createWriteStream('', { fd: 4 });
let rest = '';
for await (const part of createReadStream('', { fd: 3, encoding: 'utf8' })) {
  const requests = `${rest}${part}`.split('\0');
  rest = requests.pop() ?? '';
  for (const { id, method } of requests.map((text) => JSON.parse(text)))
    answers.write(`${JSON.stringify({ id, result: results[method] ?? {} })}\0`);
}
