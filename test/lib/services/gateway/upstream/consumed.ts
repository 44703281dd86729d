/** A stream read to its end: what came, and how it ended. */
import { Answer, StreamAnswer } from '../../../../../lib/services/gateway/upstream/answer';

export interface Consumed {
  readonly events: readonly string[];
  /** undefined: it ended with [DONE]. */
  readonly cut: string | undefined;
}

export function consumed(answer: Answer, onEvent: (event: Buffer, stream: StreamAnswer) => void = () => undefined): Promise<Consumed> {
  const stream = asStream(answer);
  const events: string[] = [];
  return new Promise(resolve => {
    stream.consume({
      event: event => {
        events.push(event.toString('utf8'));
        onEvent(event, stream);
      },
      end: () => { resolve({ events, cut: undefined }); },
      cut: reason => { resolve({ events, cut: reason }); },
    });
  });
}

export function asStream(answer: Answer): StreamAnswer {
  if (answer.kind !== 'stream') throw new Error(`not a stream: ${JSON.stringify(answer)}`);
  return answer;
}

/** Resolves when it holds; jest's own time-out is the bound. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 5));
}
