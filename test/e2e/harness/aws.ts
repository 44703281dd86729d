/** The few calls of the suites for which no SDK client is installed, and AWS's own part: events only AWS may send. */
import { setTimeout as pause } from 'node:timers/promises';

const endpointOfSuite = (): string => process.env.AWS_ENDPOINT_URL!;

async function post(url: string, service: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  // The emulator finds service and region in the credential scope; it checks no signature.
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  return fetch(url, { method: 'POST', body, headers: { ...headers, authorization } });
}

/** A call of a service with a JSON protocol, e.g. `AmazonSSM.PutParameter`. */
export async function jsonCall<T>(service: string, target: string, input: object): Promise<T> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  const response = await post(endpointOfSuite(), service, JSON.stringify(input), headers);
  const text = await response.text();
  if (!response.ok) throw new Error(`${target} was refused: ${text}`);
  return JSON.parse(text) as T;
}

/** A call of a service with the query protocol; answers the XML text, and throws a refusal. */
async function queryCall(service: string, version: string, action: string, input: Record<string, string>, endpoint: string): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: version, ...input }).toString();
  const response = await post(endpoint, service, body, { 'content-type': 'application/x-www-form-urlencoded' });
  const text = await response.text();
  if (!response.ok) throw new Error(`${action} was refused: ${text}`);
  return text;
}

export const cloudFormation = (action: string, input: Record<string, string>, endpoint = endpointOfSuite()): Promise<string> =>
  queryCall('cloudformation', '2010-05-15', action, input, endpoint);

/** Sends a message to a topic, as AWS Budgets does. */
export const publish = (topicArn: string, message: string): Promise<string> =>
  queryCall('sns', '2010-03-31', 'Publish', { TopicArn: topicArn, Message: message }, endpointOfSuite());

export interface Invocation { readonly failed: boolean; readonly answer: unknown }

/** Runs a Lambda function and waits for it. A failure inside of it is an answer: its name and message. */
export async function invoke(functionName: string, event: object, endpoint = endpointOfSuite()): Promise<Invocation> {
  const response = await post(`${endpoint}/2015-03-31/functions/${functionName}/invocations`, 'lambda', JSON.stringify(event));
  const answer = JSON.parse(await response.text()) as unknown;
  if (!response.ok) throw new Error(`${functionName} was not invoked: ${JSON.stringify(answer)}`);
  return { failed: response.headers.has('x-amz-function-error'), answer };
}

interface Event { readonly source: string; readonly detailType: string; readonly detail: object; readonly resources?: readonly string[] }
interface PutEventsResult { FailedEntryCount: number; Entries: { EventId?: string; ErrorCode?: string }[] }

/** Puts an event on the default bus; as AWS, also one of an `aws.` source. */
export function putEvent({ source, detailType, detail, resources = [] }: Event, from: 'aws' | 'caller' = 'aws'): Promise<PutEventsResult> {
  return jsonCall('events', 'AWSEvents.PutEvents', {
    Entries: [{ Source: source, DetailType: detailType, Detail: JSON.stringify(detail), Resources: resources }],
    ...(from === 'aws' ? { FromAws: true } : {}),
  });
}

/** Asks again until the answer holds; the last answer is in the failure. */
export async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean, withinMs = 20_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > until) throw new Error(`Not within ${withinMs / 1000} s; the last answer was ${JSON.stringify(answer)}`);
    await pause(200);
  }
}
