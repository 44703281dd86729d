/** User data as the instance runs it, but for values that only a deploy knows: those become a word. */
import type { Template } from './strip';

interface LaunchTemplateProperties { LaunchTemplateData?: { UserData?: { 'Fn::Base64'?: unknown } } }

/** Logical id to script, of every launch template that has one. */
export function userData(template: Template): Map<string, string> {
  return new Map(Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === 'AWS::EC2::LaunchTemplate')
    .flatMap(([logicalId, { Properties }]) => {
      const script = (Properties as LaunchTemplateProperties | undefined)?.LaunchTemplateData?.UserData?.['Fn::Base64'];
      return script === undefined ? [] : [[logicalId, text(script)] as const];
    }));
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (join) return join[1].map(text).join(join[0]);
  const { Ref } = value as { Ref?: string };
  if (Ref !== undefined) return Ref.replace(/\W/g, '');
  throw new Error(`User data has ${JSON.stringify(value)}, which is neither text nor Fn::Join nor Ref.`);
}
