import type { ColdStartSettings } from '../../coldstart/settings.ts';

/** The logs that coldframe.yml allows to be read: nothing but functions whose names begin with one of its prefixes. */
export function logArns(settings: ColdStartSettings | undefined): readonly { readonly 'Fn::Sub': string }[] {
  // Without a word about cold starts there is nothing to read; a statement must have a resource, and no function is called so.
  const prefixes = settings?.functions ?? ['nothing-may-be-read'];
  return prefixes
    .flatMap((prefix) => [prefix, `web/${prefix}`])
    .map((prefix) => ({
      'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/${prefix}*`,
    }));
}
