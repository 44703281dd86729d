/** What one call does with what comes once its head is known: a whole reply and a stream differ in it. */
import { Failure } from './failure';
import { UpstreamError } from './upstream';

export interface Reply {
  data(chunk: Buffer): void;
  end(): void;
  broken(error: UpstreamError): void;
  /** What it comes to when the time for its beginning is over. */
  tooSlow(reason: string): Failure;
}
