/** An endpoint that answers by a script and knows how many calls it holds: for what a tier decides, without a network. */
import { Endpoint, UpstreamCall, UpstreamError, UpstreamEvents, UpstreamRequest } from '../../../../../lib/services/gateway/upstream/upstream';

export type Reply =
  | { readonly status: number; readonly document?: unknown; readonly retryAfterMs?: number }
  /** It ends only when it is done. */
  | { readonly stream: readonly string[] }
  | 'refused' | 'broken' | 'hang';

export class ScriptedEndpoint implements Endpoint {
  public calls = 0;
  public closed = false;
  /** Calls held until told what to reply. */
  public readonly held: UpstreamEvents[] = [];

  public constructor(public readonly name: string, public reply: Reply | readonly Reply[]) {}

  public call(_: UpstreamRequest, events: UpstreamEvents): UpstreamCall {
    let aborted = false;
    const reply = Array.isArray(this.reply) ? this.reply[Math.min(this.calls, this.reply.length - 1)] as Reply : this.reply as Reply;
    this.calls++;
    if (reply === 'hang') this.held.push(events);
    else setImmediate(() => { if (!aborted) give(events, reply); });
    return { pause: () => undefined, resume: () => undefined, abort: () => { aborted = true; } };
  }

  public reachable(): Promise<void> {
    return this.reply === 'refused' ? Promise.reject(new UpstreamError('connect', 'ECONNREFUSED')) : Promise.resolve();
  }

  public close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

export function give(events: UpstreamEvents, reply: Exclude<Reply, 'hang'>): void {
  if (reply === 'refused' || reply === 'broken') return events.error(new UpstreamError(reply === 'refused' ? 'connect' : 'reply', reply.toUpperCase()));
  if ('stream' in reply) {
    events.head({ status: 200, contentType: 'text/event-stream', retryAfterMs: undefined });
    for (const event of reply.stream) events.data(Buffer.from(event));
    if (reply.stream.at(-1)?.includes('[DONE]') === true) events.end();
    return;
  }
  events.head({ status: reply.status, contentType: 'application/json', retryAfterMs: reply.retryAfterMs });
  events.data(Buffer.from(JSON.stringify(reply.document ?? (reply.status === 200 ? { id: 'c' } : { error: { message: 'no' } }))));
  events.end();
}
