import { expect, it } from 'vitest';
import { checkNetwork, generatedParts, taskTemplates } from '../../src/local/stack/task-resources.ts';
import { parseSuitePlan } from '../../src/run/stored.ts';
import { catalogueOf } from '../catalogue.ts';

const example = { name: 'local', url: 'example' };
const staging = { name: 'staging', secretsPath: '/coldframe/prod/suite/staging', vcpu: 4, memoryMb: 8_192 };

it('a task gets the size of its environment, and a plan for when nobody says what to do', () => {
  const [template] = taskTemplates(catalogueOf(staging), 'prod');
  expect(template).toMatchObject({ family: 'coldframe-prod-staging', cpu: 4_096, memoryMb: 8_192, streamPrefix: 'staging' });
  expect(parseSuitePlan(JSON.parse(template?.variables.COLDFRAME_DEFAULTS ?? ''))).toMatchObject({
    url: 'https://app.example.com',
    secretsPath: '/coldframe/prod/suite/staging',
  });
});

it('the example has tasks on the stage local only', () => {
  const families = (stage: string) => taskTemplates(catalogueOf(example, staging), stage).map(({ family }) => family);
  expect(families('local')).toEqual(['coldframe-local-local', 'coldframe-local-staging']);
  expect(families('prod')).toEqual(['coldframe-prod-staging']);
});

it('a stack without any environment to test is refused', () => {
  expect(() => generatedParts({ catalogue: catalogueOf(example) }, 'prod')).toThrow('coldframe.yml has no environment to deploy');
});

it.each(['Prod', 'a_b', '1st', 'a'.repeat(21), ''])('the stage %j is refused', (stage) => {
  expect(() => generatedParts({ catalogue: catalogueOf(staging) }, stage)).toThrow('is no name for a stage');
});

it('no two environments share an id in the template, however alike their names', () => {
  const names = ['a-b', 'ab', 'a-b-c', 'ab-c', 'a-bc', 'abc', 'adashb', 'a1', 'a-1'];
  const { resources } = generatedParts({ catalogue: catalogueOf(...names.map((name) => ({ name }))) }, 'prod');
  expect(Object.keys(resources.Resources)).toHaveLength(2 * names.length);
  expect(Object.keys(resources.Resources).every((id) => /^[A-Za-z0-9]+$/.test(id))).toBe(true);
});

it('half a network is refused before anything is deployed', () => {
  expect(() => checkNetwork({ vpc: '', subnets: '' })).not.toThrow();
  expect(() => checkNetwork({ vpc: 'vpc-1', subnets: 'subnet-1,subnet-2' })).not.toThrow();
  expect(() => checkNetwork({ vpc: 'vpc-1', subnets: '' })).toThrow('--param="subnets=');
  expect(() => checkNetwork({ vpc: 'vpc-1', subnets: 'subnet-1, subnet-2' })).toThrow('--param="subnets=');
  expect(() => checkNetwork({ vpc: '', subnets: 'subnet-1' })).toThrow('--param="vpc=');
});
