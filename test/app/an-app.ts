import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { atHome } from '../../src/app/at-home.ts';
import { doErrand } from '../../src/app/do-errand.ts';
import { interact } from '../../src/app/interact.ts';
import { typeCommand } from '../../src/app/slack-door.ts';
import type { DoorWorld, ErrandWorld } from '../../src/app/world.ts';
import { serve } from '../../src/local/wire/http-server.ts';
import type { Catalogue } from '../../src/run/catalogue.ts';
import type { ErrandRequest } from '../../src/run/errand.ts';
import { parseErrandRequest } from '../../src/run/stored.ts';
import { slackCall } from '../../src/slack/call.ts';
import { answerCommand } from '../../src/slack/command.ts';
import { readRequest } from '../../src/slack/request.ts';
import { startEdges } from './edges.ts';

/**
 * The local Slack, the door that it calls with signed requests, and the worker behind: errands are handed over as JSON, and done when
 * the test says so.
 */
export async function startApp(catalogue: Catalogue) {
  const handed: ErrandRequest[] = [];
  const app = await serve(async ({ headers, body }) => {
    const event = { headers, body: body.toString(), isBase64Encoded: false } as unknown as APIGatewayProxyEventV2;
    const request = readRequest(event, 'signing', Date.now());
    const answer = await answerOf(request);
    return answer === undefined
      ? { status: 200 }
      : { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
  });
  const edges = await startEdges({ catalogue, appUrl: () => `${app.url}/slack/events` });
  const door: DoorWorld = {
    catalogue,
    bus: { put: async ({ detail }) => void handed.push(parseErrandRequest(JSON.parse(JSON.stringify(detail)))) },
    slack: (method, args) => slackCall({ token: 'xoxb-test', apiUrl: edges.slack.url }, method, args),
    log: () => {},
  };
  const world: ErrandWorld = { ...edges.world, scheduler: { put: notHere, remove: notHere } };

  async function answerOf(request: ReturnType<typeof readRequest>): Promise<object | undefined> {
    if (request.kind === 'command') return await answerCommand(request.typed, { '/run-tests': (typed) => typeCommand(typed, door) });
    if (request.kind !== 'interaction') throw new Error(`the app got what is ${request.kind}`);
    const { interaction: done } = request;
    if (done.kind === 'home-opened' || done.kind === 'pressed-at-home') return void (await atHome(done, door));
    return await interact(done, door);
  }

  return {
    edges,
    world,
    handed,
    /** The worker does what was handed over since, `times` times each. */
    work: async (times = 1, requests: readonly ErrandRequest[] = handed.splice(0)): Promise<void> => {
      for (const request of requests) for (let time = 0; time < times; time += 1) await doErrand(request, world);
    },
    stop: async () => {
      await edges.stop();
      await app.stop();
    },
  };
}

const notHere = (): never => {
  throw new Error('there is no scheduler here');
};
