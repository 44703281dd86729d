/** A reply that is read to its end before anyone sees it: a good JSON object, or the failure that it is. */
import { isUtf8 } from 'node:buffer';
import { errorIn } from '../../../gateway/failures';
import { Pieces } from '../../../gateway/pieces';
import { Failure, brokenFailure, errorFailure, failure, parseObject, statusFailure } from './failure';
import { Reply } from './reply';
import { UpstreamError, UpstreamHead } from './upstream';

const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Of an error no more than a message is of use. */
const MAX_ERROR_BYTES = 1024 * 1024;

/** A proxy's error page begins otherwise. */
const OPEN_BRACE = 0x7b;

/** Whom a whole reply tells what it is. */
export interface WholeHost {
  whole(body: Buffer, parsed: Record<string, unknown>): void;
  /** The call is to be ended. */
  bad(failure: Failure): void;
}

export class WholeReply implements Reply {
  private readonly pieces = new Pieces();

  public constructor(private readonly head: UpstreamHead, private readonly streamAsked: boolean, private readonly host: WholeHost) {}

  public data(chunk: Buffer): void {
    this.pieces.add(chunk);
    if (this.pieces.bytes <= (this.head.status === 200 ? MAX_BODY_BYTES : MAX_ERROR_BYTES)) return;
    this.host.bad(this.head.status === 200 ? failure('bad-reply', `the reply is larger than ${MAX_BODY_BYTES / 1024 / 1024} MB`) : statusFailure(this.head, undefined));
  }

  public end(): void {
    const body = this.pieces.whole();
    if (this.head.status !== 200) return this.host.bad(statusFailure(this.head, body));
    const parsed = isUtf8(body) ? parseObject(body.toString('utf8')) : undefined;
    if (parsed === undefined) return this.host.bad(failure(body[0] === OPEN_BRACE ? 'half-reply' : 'bad-reply', this.notJson()));
    const error = errorIn(parsed);
    if (error !== undefined) return this.host.bad(errorFailure(error));
    if (this.streamAsked) return this.host.bad(failure('bad-reply', 'the upstream replied with one JSON document to a call for a stream'));
    this.host.whole(body, parsed);
  }

  public broken(error: UpstreamError): void {
    this.host.bad(this.head.status === 200 ? brokenFailure(error, true) : statusFailure(this.head, undefined));
  }

  public tooSlow(reason: string): Failure {
    return this.head.status === 200 ? failure('timeout', reason) : statusFailure(this.head, undefined);
  }

  private notJson(): string {
    const type = /^[\w.+/-]{1,80}/.exec(this.head.contentType)?.[0] ?? 'without a content type';
    return `the reply is not one whole JSON object (${type})`;
  }
}
