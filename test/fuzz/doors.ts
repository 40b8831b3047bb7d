import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { parseColdStarts } from '../../src/coldstart/command.ts';
import { catalogueToJson, type ParsedCatalogue, parseCatalogueJson } from '../../src/config.ts';
import { parseCatalogue } from '../../src/config-file.ts';
import { refusedMessage } from '../../src/message/answers.ts';
import { parseCommand } from '../../src/run/command.ts';
import { pingsIn, scriptsIn, secretsIn, startedIn } from './claims.ts';
import type { ContainerInput } from './container-inputs.ts';
import { type Out, setEdges } from './edges.ts';
import type { EventInput } from './event-inputs.ts';
import type { HttpInput } from './http-inputs.ts';
import { catalogueText, setPlace } from './place.ts';
import type { TextInput } from './text-inputs.ts';

export type Input = HttpInput | EventInput | ContainerInput | TextInput;

/** Answers that a door may give; 500 is for when AWS does not answer, which here it does. */
const sane = [200, 202, 302, 400, 401, 403, 404, 409, 410];

/** Why a function may give an event back: it is none of its own, and kept in the DLQ. All else is ours to cope with. */
const foreign =
  // The ARN of a task that AWS would not make leads to no run.
  /^(?:there is no run \S+-task-\S+ to end|expected an "ECS Task State Change"|the ECS event is not as AWS documents it|Invalid[ :]|nobody here knows what to do|such a request comes from|is not the id of a run|Unexpected |Expected |Unterminated |Bad |No number|Exponent part|must be |has no time |names no time zone|begins when it ends|"undefined" is not valid JSON|this is not a request of an HTTP API|Unrecognized )/;

/** Loads the functions as they are deployed, over edges in memory, and gives what drives an input through its door: the claims it breaks. */
export async function openDoors(): Promise<(input: Input, out: Out) => Promise<readonly string[]>> {
  setPlace();
  await setEdges();
  const [http, worker, runStopped, sweep] = await Promise.all([
    import('../../handlers/http.ts'),
    import('../../handlers/worker.ts'),
    import('../../handlers/run-stopped.ts'),
    import('../../handlers/sweep.ts'),
  ]);
  const parsed = parseCatalogue(catalogueText, 'coldframe.yml');
  const catalogue = parsed.kind === 'catalogue' ? parsed.catalogue : new Map();

  const handle = (to: EventInput['to'], event: unknown): Promise<unknown> =>
    ({ worker: worker.handler, runStopped: runStopped.handler, sweep: sweep.handler })[to](event as never);

  /** Gives an event to a function, and says what is wrong with how it took it. */
  async function give(to: EventInput['to'], event: unknown, out: Out): Promise<readonly string[]> {
    try {
      const answer = await handle(to, event);
      const isGivenBack = JSON.stringify(answer ?? {}).includes('itemIdentifier');
      if (!isGivenBack) return [];
      const reasons = out.logged.filter((line) => line.includes('"request failed"')).map((line) => String(JSON.parse(line).because));
      return reasons.filter((because) => !foreign.test(because)).map((because) => `${to} gave back a request of its own: ${because}`);
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      return foreign.test(because) ? [] : [`${to} threw: ${error instanceof Error ? error.stack : because}`];
    }
  }

  /** What was put on the bus comes to the worker, as our rule sends it. */
  async function handOn(out: Out): Promise<readonly string[]> {
    const broken: string[] = [];
    for (const { source, type, detail } of out.onBus.splice(0)) {
      const body = JSON.stringify({ source, 'detail-type': type, detail: JSON.parse(detail) });
      broken.push(...(await give('worker', { Records: [{ messageId: 'm-2', body }] }, out)).map((one) => `handed on: ${one}`));
      broken.push(
        ...out.logged.filter((line) => line.includes('"request failed"')).map((line) => `what a door took, the worker did not: ${line}`),
      );
    }
    return broken;
  }

  async function throughHttp({ event, isSigned, isKnown }: HttpInput, out: Out): Promise<readonly string[]> {
    const answer: APIGatewayProxyStructuredResultV2 = await http.handler(event);
    const { statusCode = 0, headers = {}, body = '' } = answer;
    const text = answer.isBase64Encoded === true ? Buffer.from(body, 'base64').toString() : body;
    const wrong = [
      ...(sane.includes(statusCode) ? [] : [`answered ${statusCode}: ${text.slice(0, 200)} ${out.logged.at(-1) ?? ''}`]),
      ...secretsIn('an answer', `${text} ${JSON.stringify(headers)}`, false),
      ...(Object.values(headers).some((value) => /[\r\n]/.test(String(value))) ? ['a header of the answer has a line feed'] : []),
      ...(/html/.test(String(headers['content-type'] ?? '')) ? scriptsIn(text) : []),
    ];
    if (!isSigned) return [...wrong, ...startedIn(out, isKnown === true)];
    const said = text.startsWith('{"response_type"') ? pingsIn(JSON.parse(text)) : [];
    return [...wrong, ...said, ...(await handOn(out))];
  }

  async function throughContainer({ request, runId, objects, lastLines, stop }: ContainerInput, out: Out): Promise<readonly string[]> {
    out.lastLines = lastLines;
    const body = JSON.stringify({ source: 'coldframe.door', 'detail-type': 'Run Requested', detail: request });
    const broken = [...(await give('worker', { Records: [{ messageId: 'm-1', body }] }, out))];
    for (const [Key, Body] of objects) {
      out.s3.answer('PutObjectCommand', { Key, Body });
      const created = { source: 'aws.s3', 'detail-type': 'Object Created', detail: { bucket: { name: 'b' }, object: { key: Key } } };
      if (Key.endsWith('/progress.json')) broken.push(...(await give('worker', created, out)));
    }
    for (const task of out.tasks.values()) broken.push(...(await give('runStopped', stoppedEvent(task, stop), out)));
    const ended = out.s3.objects.get(`state/staging/runs/${runId}/run.json`);
    const phase = ended === undefined ? 'missing' : JSON.parse(Buffer.from(ended.bytes).toString()).phase.kind;
    return phase === 'finished' ? broken : [...broken, `the run is ${phase} though all its tasks have stopped`];
  }

  function throughText({ of, text }: TextInput): readonly string[] {
    switch (of) {
      case 'command': {
        const command = parseCommand(text, catalogue);
        return command.kind === 'refused' ? pingsIn(refusedMessage(command.because)) : [];
      }
      case 'cold starts command': {
        const asked = parseColdStarts(text);
        return asked.kind === 'refused' ? pingsIn(refusedMessage(asked.because)) : [];
      }
      case 'config':
        return wrongIn(parseCatalogue(text, 'coldframe.yml'));
    }
  }

  return async (input, out) => {
    switch (input.kind) {
      case 'http':
        return await throughHttp(input, out);
      case 'event':
        return await give(input.to, input.event, out);
      case 'container':
        return await throughContainer(input, out);
      case 'text':
        return throughText(input);
    }
  };
}

/** A file that is taken is taken again by the functions; one that is not is complained of, with a line. */
function wrongIn(parsed: ParsedCatalogue): readonly string[] {
  if (parsed.kind === 'invalid') return parsed.complaints.length > 0 ? [] : ['a file was refused without a complaint'];
  const again = parseCatalogueJson(catalogueToJson(parsed.catalogue, parsed.coldStarts, parsed.ci), 'coldframe.json');
  return again.kind === 'catalogue' ? [] : [`what the build took, the functions do not: ${JSON.stringify(again.complaints)}`];
}

const stoppedEvent = (task: object, { stopCode, stoppedReason, exitCode, reason }: ContainerInput['stop']) => ({
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  time: new Date().toISOString(),
  detail: {
    ...task,
    createdAt: new Date().toISOString(),
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    version: 5,
    ...{ stopCode, stoppedReason },
    stoppedAt: new Date().toISOString(),
    containers: [{ name: 'suite', exitCode, reason }],
  },
});
