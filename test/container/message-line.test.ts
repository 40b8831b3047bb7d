import { describe, expect, it } from 'vitest';
import { maskOf } from '../../container/mask.ts';
import { readMessage } from '../../container/message-line.ts';

const finished = {
  testStepFinished: {
    testCaseStartedId: 'test-1',
    testStepId: 'test-2',
    testStepResult: {
      status: 'PASSED',
      duration: { seconds: 0, nanos: 5 },
      message: 'PASSED by test',
      exception: { type: 'Error', message: 'test' },
    },
    timestamp: { seconds: 1, nanos: 0 },
  },
};

describe('a line of messages', () => {
  it('without a secret is the very same line', () => {
    const line = '{"pickle": {"id":"1",  "name":"\\u00e4"}}';
    expect(readMessage(line, maskOf(['canary']))?.line).toBe(line);
  });

  it('stays a message when a secret is one of its words', () => {
    const { line = '', envelope } = readMessage(JSON.stringify(finished), maskOf(['PASSED', 'test', 'testStepFinished', 'seconds'])) ?? {};
    expect(JSON.parse(line)).toEqual(envelope);
    expect(envelope?.testStepFinished).toEqual({
      ...finished.testStepFinished,
      testStepResult: { ...finished.testStepFinished.testStepResult, message: '*** by ***', exception: { type: 'Error', message: '***' } },
    });
  });

  it.each(['', '{"pickle":{"id":"1"', '12', 'null', '[]', 'Debugger attached.'])('that is none (%j) is left out', (line) => {
    expect(readMessage(line, maskOf([]))).toBeUndefined();
  });

  it.each([
    ['a log that calls itself bytes', 'application/octet-stream', Buffer.from('user grün: canary')],
    ['text in Latin-1', 'text/plain', Buffer.from('user grün: canary', 'latin1')],
    ['text in UTF-16', 'application/octet-stream', Buffer.from('\ufeffuser grün: canary', 'utf16le')],
  ])('hides a secret in %s', (_, mediaType, bytes) => {
    const line = JSON.stringify({ attachment: { body: bytes.toString('base64'), contentEncoding: 'BASE64', mediaType } });
    const body = Buffer.from(readMessage(line, maskOf(['canary']))?.envelope.attachment?.body ?? '', 'base64');
    expect(body.includes('canary')).toBe(false);
    expect(body.toString('utf16le')).not.toContain('canary');
    expect(body.subarray(0, bytes.indexOf('user') + 4)).toEqual(bytes.subarray(0, bytes.indexOf('user') + 4));
  });

  it('leaves text that has no secret as it is, to the byte', () => {
    const body = Buffer.from('grün', 'latin1').toString('base64');
    const line = JSON.stringify({ attachment: { body, contentEncoding: 'BASE64', mediaType: 'text/plain' } });
    expect(readMessage(line, maskOf(['canary']))?.line).toBe(line);
  });

  it.each([{}, { body: 7, mediaType: 'text/plain' }, { body: 'x' }, null])(
    'with an attachment that is none (%j) is left out',
    (attachment) => {
      expect(readMessage(JSON.stringify({ attachment }), maskOf(['canary']))).toBeUndefined();
    },
  );

  it('with a film that is too large says so in its place', () => {
    const attachment = {
      body: Buffer.alloc(33 * 1024 * 1024).toString('base64'),
      contentEncoding: 'BASE64',
      mediaType: 'video/mp4',
      testStepId: '1',
    };
    const read = readMessage(JSON.stringify({ attachment }), maskOf([]));
    expect(read?.file).toBeUndefined();
    expect(read?.envelope.attachment).toEqual({
      body: 'An attachment (video/mp4) of 33 MB was left out: the limit is 32 MB.',
      contentEncoding: 'IDENTITY',
      mediaType: 'text/plain',
      testStepId: '1',
    });
  });
});
