/**
 * The way of an answer to its client, and on to the meter when the client has gone: what a provider bills is what it
 * generates, so a stream without a reader is drained, within a bound on how many at once.
 */
import { ServerResponse } from 'node:http';
import { Refusal } from '../../gateway/refusal';
import { StreamAnswer } from './upstream/answer';

export type Headers = Readonly<Record<string, string>>;
export type Delivery = Read & ({ readonly outcome: 'answered' | 'client-gone' } | { readonly outcome: 'cut-short'; readonly reason: string });

/** Of a stream. */
interface Read {
  /** The model may have generated more than was read of it. */
  readonly unread?: boolean | undefined;
  /** The model said [DONE], to a client or to nobody. */
  readonly complete?: boolean | undefined;
}

/** Streams that are read to their end for their usage although nobody listens. */
const MOST_DETACHED = 256;
/** A client that takes nothing of the rest of its reply for so long has gone without a word. */
const NOTHING_TAKEN_MS = 60_000;
const DONE = Buffer.from('data: [DONE]\n\n');
const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };

/** A whole answer; as a stream its events, without [DONE]. */
export interface Document {
  readonly contentType: 'application/json' | 'text/event-stream';
  readonly bytes: Buffer;
}

export interface StreamMetering {
  event(event: Buffer): 'pass' | 'drop';
  /** Called once, before the last byte: whatever has to be written down by then. Gives the trailers. */
  finish(delivery: Delivery): Headers;
}

export class Deliverer {
  /** What ends each of the streams without a reader. */
  private readonly detached = new Set<() => void>();

  /** `recorded` calls back when the records so far are written: only then the last byte goes out. */
  public constructor(private readonly recorded: (then: () => void) => void) {}

  /** `finish` writes down what has to be before the last byte and gives the headers. */
  public whole(response: ServerResponse, { contentType, bytes }: Document, finish: (delivery: Pick<Delivery, 'outcome'>) => Headers): void {
    const gone = response.destroyed;
    const headers = finish({ outcome: gone ? 'client-gone' : 'answered' });
    if (gone) return;
    this.recorded(() => {
      if (response.destroyed) return;
      const stream = contentType === 'text/event-stream';
      const body = stream ? Buffer.concat([bytes, DONE]) : bytes;
      response.writeHead(200, { ...headers, ...stream ? STREAM_HEADERS : { 'content-type': contentType }, 'content-length': body.length });
      response.end(body);
      notForEver(response);
    });
  }

  /** `trailer`: the name of what `finish` gives. */
  public stream(response: ServerResponse, answer: StreamAnswer, headers: Headers, trailer: string, metering: StreamMetering): void {
    let over = false;
    const abandon = (): void => {
      answer.abort();
      finish({ outcome: 'client-gone', unread: true });
    };
    const finish = (delivery: Delivery): Headers => {
      over = true;
      this.detached.delete(abandon);
      const { unread, complete } = delivery;
      return metering.finish(response.destroyed ? { outcome: 'client-gone', unread, complete } : delivery);
    };
    const lostClient = (): void => {
      if (over) return;
      if (this.detached.size >= MOST_DETACHED) return abandon();
      this.detached.add(abandon);
      answer.resume();
    };
    if (response.destroyed) lostClient();
    else {
      response.on('close', lostClient);
      response.on('drain', () => { answer.resume(); });
      // HTTP/1.0, which proxies still speak, has no chunks and so no trailers.
      const announced = response.useChunkedEncodingByDefault ? { trailer } : {};
      response.writeHead(200, { ...headers, ...announced, ...STREAM_HEADERS });
    }
    if (over) return;
    answer.consume({
      event: event => {
        if (metering.event(event) === 'drop' || response.destroyed) return;
        if (!response.write(event)) answer.pause();
      },
      end: () => {
        const trailers = finish({ outcome: 'answered', complete: true });
        this.recorded(() => {
          if (response.destroyed) return;
          response.addTrailers(trailers);
          response.end(DONE);
          notForEver(response);
        });
      },
      cut: reason => {
        // A client that does not read holds the stream back; who knows how far the model is.
        finish({ outcome: 'cut-short', reason, unread: response.writableNeedDrain });
        const event = `data: ${new Refusal('upstream_failed', `The model's reply broke off: ${reason}.`).body()}\n\n`;
        this.recorded(() => {
          if (response.destroyed) return;
          // No clean end: even a client that does not know the error must not take half an answer for a whole one.
          response.write(event, () => { response.destroy(); });
          notForEver(response);
        });
      },
    });
  }

  /** Gives up the streams without a reader: what they used until now is what is known. */
  public abandon(): void {
    for (const abandon of this.detached) abandon();
  }
}

/** The rest of a reply waits for a client that may never read it. Node takes this away when the reply is through. */
function notForEver(response: ServerResponse): void {
  if (response.writableLength > 0) response.setTimeout(NOTHING_TAKEN_MS);
}
