import { describe, expect, it } from 'vitest';
import { checkPattern, matches } from '../../src/local/events/event-pattern.ts';

const taskStopped = {
  version: '0',
  source: 'aws.ecs',
  'detail-type': 'ECS Task State Change',
  time: '2026-11-23T04:12:00Z',
  resources: ['arn:aws:ecs:eu-central-1:000000000000:task/coldframe-local/1', 'arn:second'],
  detail: {
    clusterArn: 'arn:aws:ecs:eu-central-1:000000000000:cluster/coldframe-local',
    lastStatus: 'STOPPED',
    startedBy: 'staging-20261123-0412-k3f9qa',
    version: 9,
    cpu: '1024',
    stopCode: null,
    enableExecuteCommand: false,
    empty: [],
    containers: [
      { name: 'suite', exitCode: 1, networkInterfaces: [{ privateIpv4Address: '10.0.0.1' }] },
      { name: 'sidecar', exitCode: 0, networkInterfaces: [{ privateIpv4Address: '10.0.0.2' }] },
    ],
  },
};
const detail = (name: string, ...test: readonly unknown[]) => ({ detail: { [name]: test } });

describe('an event pattern matches as EventBridge documents it', () => {
  it.each<[string, unknown, boolean]>([
    ['exact values, all fields', { source: ['aws.ecs'], detail: { lastStatus: ['STOPPED'] } }, true],
    ['one of several values', detail('lastStatus', 'DEPROVISIONING', 'STOPPED'), true],
    ['none of several values', detail('lastStatus', 'RUNNING', 'PENDING'), false],
    ['one field of two', { source: ['aws.ecs'], detail: { lastStatus: ['RUNNING'] } }, false],
    ['a field that is missing', detail('nothing', 'x'), false],
    ['other case of a value', detail('lastStatus', 'stopped'), false],
    ['other case of a name', detail('laststatus', 'STOPPED'), false],
    ['a number', detail('version', 9), true],
    ['a number written otherwise', detail('version', 9.0), true],
    ['a number is no string', detail('version', '9'), false],
    ['a string is no number', detail('cpu', 1024), false],
    ['a boolean', detail('enableExecuteCommand', false), true],
    ['null', detail('stopCode', null), true],
    ['null is not what is missing', detail('nothing', null), false],
    ['null is not an empty array', detail('empty', null), false],
    ['a name every object inherits', detail('constructor', { exists: true }), false],

    ['an array in the event: one element', { resources: ['arn:second'] }, true],
    ['an array in the event: no element', { resources: ['arn:third'] }, false],
    ['objects in an array', { detail: { containers: { name: ['sidecar'] } } }, true],
    ['two fields of the same element', { detail: { containers: { name: ['suite'], exitCode: [1] } } }, true],
    ['two fields of different elements', { detail: { containers: { name: ['suite'], exitCode: [0] } } }, false],
    ['arrays in arrays', { detail: { containers: { networkInterfaces: { privateIpv4Address: ['10.0.0.2'] } } } }, true],

    ['prefix', detail('startedBy', { prefix: 'staging-' }), true],
    ['prefix of another value', detail('startedBy', { prefix: 'prod-' }), false],
    ['prefix of an array element', { resources: [{ prefix: 'arn:aws:ecs' }] }, true],
    ['prefix of a number', detail('version', { prefix: '9' }), false],
    ['prefix, other case', detail('startedBy', { prefix: { 'equals-ignore-case': 'STAGING' } }), true],
    ['suffix', detail('clusterArn', { suffix: '/coldframe-local' }), true],
    ['suffix of another value', detail('clusterArn', { suffix: '/coldframe' }), false],
    ['suffix, other case', detail('clusterArn', { suffix: { 'equals-ignore-case': 'LOCAL' } }), true],
    ['equals-ignore-case', detail('lastStatus', { 'equals-ignore-case': 'stopped' }), true],
    ['equals-ignore-case of another', detail('lastStatus', { 'equals-ignore-case': 'stop' }), false],

    ['wildcard', detail('clusterArn', { wildcard: 'arn:*:cluster/*-local' }), true],
    ['wildcard that may be empty', detail('lastStatus', { wildcard: '*STOPPED*' }), true],
    ['wildcard without the end', detail('clusterArn', { wildcard: 'arn:*:cluster' }), false],
    ['a dot is a dot', detail('lastStatus', { wildcard: 'STOP.ED' }), false],
    ['an escaped star is a star', detail('lastStatus', { wildcard: 'STOPPED\\*' }), false],

    ['exists: true', detail('startedBy', { exists: true }), true],
    ['exists: true of null', detail('stopCode', { exists: true }), true],
    ['exists: true of what is missing', detail('nothing', { exists: true }), false],
    ['exists: false of what is missing', detail('nothing', { exists: false }), true],
    ['exists: false below what is missing', { detail: { nothing: { deeper: [{ exists: false }] } } }, true],
    ['exists: false of what is there', detail('startedBy', { exists: false }), false],
    ['exists sees leaves only', { detail: [{ exists: false }] }, true],
    ['exists: true of an empty array', detail('empty', { exists: true }), false],

    ['anything-but another string', detail('lastStatus', { 'anything-but': 'RUNNING' }), true],
    ['anything-but the string', detail('lastStatus', { 'anything-but': 'STOPPED' }), false],
    ['anything-but a list with it', detail('lastStatus', { 'anything-but': ['RUNNING', 'STOPPED'] }), false],
    ['anything-but a number', detail('version', { 'anything-but': [8, 9] }), false],
    ['anything-but, and nothing is there', detail('nothing', { 'anything-but': 'x' }), false],
    ['anything-but, and null is there', detail('stopCode', { 'anything-but': 'x' }), true],
    ['anything-but prefix', detail('startedBy', { 'anything-but': { prefix: 'staging' } }), false],
    ['anything-but prefix of a number', detail('version', { 'anything-but': { prefix: 'x' } }), true],
    ['anything-but one of two prefixes', detail('startedBy', { 'anything-but': { prefix: ['prod', 'stag'] } }), false],
    ['anything-but suffix', detail('startedBy', { 'anything-but': { suffix: 'zzz' } }), true],
    ['anything-but wildcard', detail('clusterArn', { 'anything-but': { wildcard: '*:cluster/*' } }), false],
    ['anything-but equals-ignore-case', detail('lastStatus', { 'anything-but': { 'equals-ignore-case': ['stopped'] } }), false],
    ['anything-but is asked of each element', { resources: [{ 'anything-but': 'arn:second' }] }, true],

    ['numeric equal', detail('version', { numeric: ['=', 9] }), true],
    ['numeric range', detail('version', { numeric: ['>', 0, '<=', 9] }), true],
    ['numeric range, just outside', detail('version', { numeric: ['>', 0, '<', 9] }), false],
    ['numeric of a string', detail('cpu', { numeric: ['>', 0] }), false],

    ['$or, second', { detail: { $or: [{ version: [1] }, { lastStatus: ['STOPPED'] }] } }, true],
    ['$or, none', { detail: { $or: [{ version: [1] }, { lastStatus: ['RUNNING'] }] } }, false],
    ['$or and a field', { source: ['aws.s3'], $or: [{ 'detail-type': [{ exists: true }] }, { time: [{ exists: true }] }] }, false],
    ['$or with an and inside', { $or: [{ source: ['x'] }, { source: ['aws.ecs'], detail: { version: [9] } }] }, true],
  ])('%s', (_, pattern, expected) => expect(matches(pattern, taskStopped)).toBe(expected));

  it('takes an escaped star and backslash literally', () => {
    expect(matches({ path: [{ wildcard: 'a\\*b\\\\*' }] }, { path: 'a*b\\c' })).toBe(true);
    expect(matches({ path: [{ wildcard: 'a\\*b' }] }, { path: 'a-b' })).toBe(false);
  });
});

describe('a mistaken pattern is told when it is loaded, with its place', () => {
  it.each<[unknown, string]>([
    ['text', 'it must be an object'],
    [['a'], 'it must be an object'],
    [{}, 'empty objects'],
    [{ source: 'aws.ecs' }, '`source`: it must be an object or an array'],
    [{ detail: { version: 9 } }, '`detail.version`: it must be an object or an array'],
    [{ source: [] }, '`source`: empty arrays'],
    [{ source: [['a']] }, '`source`'],
    [{ 'detail.version': [9] }, 'a dot'],
    [detail('a', { EXISTS: true }), 'unrecognized match type `EXISTS`'],
    [detail('a', { cidr: '10.0.0.0/8' }), 'unrecognized match type `cidr`'],
    [detail('a', {}), 'unrecognized match type'],
    [detail('a', { prefix: 'a', suffix: 'b' }), 'only one operator'],
    [detail('a', { exists: 'yes' }), 'true or false'],
    [detail('a', { prefix: 1 }), 'prefix match pattern must be a string'],
    [detail('a', { prefix: ['a'] }), 'prefix match pattern must be a string'],
    [detail('a', { prefix: { wildcard: 'a' } }), 'equals-ignore-case'],
    [detail('a', { 'equals-ignore-case': ['a'] }), 'must be a string'],
    [detail('a', { wildcard: 1 }), 'wildcard match pattern must be a string'],
    [detail('a', { wildcard: 'a**b' }), 'consecutive wildcard'],
    [detail('a', { wildcard: 'a\\b' }), 'backslash'],
    [detail('a', { 'anything-but': [] }), 'anything-but'],
    [detail('a', { 'anything-but': ['a', 1] }), 'anything-but'],
    [detail('a', { 'anything-but': null }), 'anything-but'],
    [detail('a', { 'anything-but': { numeric: ['=', 1] } }), '`numeric`'],
    [detail('a', { 'anything-but': { prefix: '' } }), 'no empty prefix'],
    [detail('a', { 'anything-but': { prefix: 1 } }), 'must be a string'],
    [detail('a', { 'anything-but': { prefix: { 'equals-ignore-case': 'a' } } }), 'must be a string'],
    [detail('a', { numeric: ['>', 0, '>', 1] }), 'a lower bound followed by an upper'],
    [detail('a', { numeric: ['>', 0, '<'] }), 'value of < must be numeric'],
    [detail('a', { numeric: ['~', 0] }), 'unrecognized numeric range operator: ~'],
    [detail('a', { numeric: ['constructor', 0] }), 'unrecognized numeric range operator'],
    [detail('a', { numeric: ['>', 5, '<', 5] }), 'bottom must be less'],
    [detail('a', { numeric: [] }), 'numeric range'],
    [{ $or: [{ a: [1] }] }, 'at least two'],
    [{ $or: { a: [1] } }, 'at least two'],
  ])('%j: %s', (pattern, message) => expect(() => checkPattern(pattern)).toThrow(message));
});
