/** A CloudFormation template as the estimator reads it: checked just enough to walk it safely. */
import { InputError } from '../errors';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
}

export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown; readonly Type?: string }>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property that the document itself has; names such as `constructor` are ids like any other. */
export const own = (record: unknown, key: string): unknown => isRecord(record) && Object.hasOwn(record, key) ? record[key] : undefined;

const SECTIONS = ['Resources', 'AWSTemplateFormatVersion', 'Metadata', 'Parameters', 'Outputs', 'Rules'];

/** Refuses what is not a template; `from` names the file in the error. */
export function parseTemplate(document: unknown, from: string): Template {
  if (!isRecord(document)) throw new InputError(`${from} is not a CloudFormation template: expected an object with Resources.`);
  for (const section of ['Resources', 'Parameters', 'Mappings', 'Conditions', 'Metadata']) {
    if (document[section] !== undefined && !isRecord(document[section])) {
      throw new InputError(`${from} is not a CloudFormation template: ${section} must be an object.`);
    }
  }
  // The CDK writes a stack without resources as a template without the section.
  if (!SECTIONS.some(section => section in document)) throw new InputError(`${from} is not a CloudFormation template: it has no Resources.`);
  const resources = (document.Resources ?? {}) as Record<string, unknown>;
  for (const [id, resource] of Object.entries(resources)) {
    if (!isRecord(resource) || typeof resource.Type !== 'string') {
      throw new InputError(`${from}: resource ${id} has no Type.`);
    }
    for (const section of ['Properties', 'Metadata']) {
      if (resource[section] !== undefined && !isRecord(resource[section])) {
        throw new InputError(`${from}: ${section} of resource ${id} must be an object.`);
      }
    }
  }
  return { ...document, Resources: resources } as unknown as Template;
}

/** The construct path the CDK writes into a resource's metadata; empty in templates made by hand. */
export const pathOf = (resource: TemplateResource): string => {
  const path = resource.Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path : '';
};
