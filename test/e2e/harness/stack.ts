/** Reads a deployed stack: what it created, and what its functions logged. */
import { cloudFormation, jsonCall } from './aws';

export interface StackResource { readonly logicalId: string; readonly physicalId: string; readonly type: string }

export async function stackResources(stackName: string): Promise<StackResource[]> {
  const xml = await cloudFormation('ListStackResources', { StackName: stackName });
  if (xml.includes('<NextToken>')) throw new Error(`${stackName} has more resources than one page of ListStackResources holds: read the next one too.`);
  return xml.split('<member>').slice(1).map(member => {
    const field = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(member)?.[1] ?? '';
    return { logicalId: field('LogicalResourceId'), physicalId: field('PhysicalResourceId'), type: field('ResourceType') };
  });
}

/** The physical id of the one resource of this type whose logical id has these words in it. */
export function physicalId(resources: readonly StackResource[], type: string, words = ''): string {
  const found = resources.filter(resource => resource.type === type && resource.logicalId.includes(words));
  if (found.length !== 1) throw new Error(`${found.length} resources are a ${type} with "${words}" in the logical id; one was expected.`);
  return found[0]!.physicalId;
}

/** Lines of a log group that are JSON objects, oldest first. */
export async function jsonLog(logGroupName: string): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  let nextToken: string | undefined;
  do {
    const page = await jsonCall<{ events: { message: string }[]; nextToken?: string }>('logs', 'Logs_20140328.FilterLogEvents', { logGroupName, nextToken });
    lines.push(...page.events.filter(({ message }) => message.startsWith('{"')).map(({ message }) => JSON.parse(message) as Record<string, unknown>));
    nextToken = page.nextToken;
  } while (nextToken);
  return lines;
}
