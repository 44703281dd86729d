/** The calls of the replay through the gateway as it is shipped, 32 at a time in their order: of each its reply and its usage record. */
import { GatewayConfigInput } from '../../../../lib/contracts/gateway';
import { UsageRecord } from '../../../../lib/contracts/usage-record';
import { GatewayProcess, Reply } from '../gateway';
import { ReplayedCall } from './traffic';
import { Account, Asked, MODELS, ReplayUpstream } from './upstream';

export const CALLERS = 32;
const TOLD_EVERY = 2_000;

/** What a client sees of a reply. */
export interface Given {
  readonly status: number;
  readonly complete: boolean;
  readonly headers: Reply['headers'];
  /** Of the model's own reply. */
  readonly id: string;
  readonly fingerprint: string | undefined;
  readonly content: string;
  readonly finishReason: string | null;
}

export interface Served {
  readonly call: ReplayedCall;
  readonly given: Given;
  readonly record: UsageRecord;
}

export interface Replayed {
  readonly config: GatewayConfigInput;
  /** In the order of the calls. */
  readonly served: readonly Served[];
  /** By the upstream itself. */
  readonly accounts: Readonly<Record<keyof typeof MODELS, Account>>;
  readonly asked: readonly Asked[];
  readonly seconds: number;
}

/** `told`: how many are answered. Budgets and answers are kept in the gateway's memory. */
export async function replay(
  calls: readonly ReplayedCall[], upstream: ReplayUpstream, config: GatewayConfigInput, told: (answered: number) => void = () => undefined,
): Promise<Replayed> {
  upstream.forget();
  const gateway = await GatewayProcess.start(config);
  try {
    const began = performance.now();
    const given = await sendAll(calls, gateway, told);
    const records = await gateway.recorded(calls.length);
    const seconds = (performance.now() - began) / 1000;
    if (records.length !== calls.length) throw new Error(`${calls.length} calls have ${records.length} records.`);
    const byRequest = new Map(records.map(record => [record.request, record]));
    const served = calls.map((call, i) => ({ call, given: given[i]!, record: recordOf(given[i]!, byRequest) }));
    return { config, served, accounts: { cheap: upstream.account('cheap'), premium: upstream.account('premium') }, asked: upstream.asked, seconds };
  } finally {
    await gateway.stop();
  }
}

function recordOf({ headers, status }: Given, records: ReadonlyMap<string, UsageRecord>): UsageRecord {
  const id = String(headers['x-request-id']);
  const record = records.get(id);
  if (record === undefined) throw new Error(`The reply ${id} with status ${status} has no record.`);
  return record;
}

async function sendAll(calls: readonly ReplayedCall[], gateway: GatewayProcess, told: (answered: number) => void): Promise<Given[]> {
  const given: Given[] = [];
  let next = 0;
  let answered = 0;
  const caller = async (): Promise<void> => {
    while (next < calls.length) {
      const index = next++;
      given[index] = givenBy(calls[index]!, await send(calls[index]!, gateway));
      if (++answered % TOLD_EVERY === 0) told(answered);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return given;
}

const send = ({ tenant, workflow, taskClass, body }: ReplayedCall, gateway: GatewayProcess): Promise<Reply> => gateway.send({
  method: 'POST', path: '/v1/chat/completions', body,
  headers: { 'content-type': 'application/json', 'authorization': `Bearer ${tenant.key}`, 'x-workflow': workflow, ...taskClass === undefined ? {} : { 'x-task-class': taskClass } },
});

interface Completion {
  readonly id: string;
  readonly system_fingerprint?: string;
  readonly choices: readonly { readonly message?: Text; readonly delta?: Text; readonly finish_reason: string | null }[];
}
interface Text { readonly content?: string }

function givenBy({ stream }: ReplayedCall, { status, complete, headers, text }: Reply): Given {
  const known = { status, complete, headers };
  if (status !== 200) return { ...known, id: '', fingerprint: undefined, content: '', finishReason: null };
  const parts = stream ? eventsOf(text) : [JSON.parse(text) as Completion];
  const choices = parts.flatMap(part => part.choices);
  return {
    ...known, id: parts[0]!.id, fingerprint: parts[0]!.system_fingerprint,
    content: choices.map(({ message, delta }) => message?.content ?? delta?.content ?? '').join(''),
    finishReason: choices.findLast(choice => choice.finish_reason !== null)?.finish_reason ?? null,
  };
}

function eventsOf(text: string): Completion[] {
  const events = text.split('\n\n').filter(event => event !== '').map(event => event.replace(/^data: /, ''));
  if (events.pop() !== '[DONE]') throw new Error('A stream came without its end.');
  return events.map(event => JSON.parse(event) as Completion);
}
