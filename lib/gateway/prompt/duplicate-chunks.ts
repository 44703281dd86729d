/** Of passages that stand in the prompt more than once, the first copy stays: what a provider has cached ends where a prompt differs. */
import { Message } from '../conversation';
import { Chunk, chunksOf } from './chunks';
import { Fingerprint, fingerprintOf, saysNothingNew } from './fingerprint';
import { textsOf, withTexts } from './message-texts';

const LEFT_OUT = '[Repeats an earlier passage; left out.]';
/** Where so many share a band, they are made of one template. */
const MOST_COMPARED = 8;

/** What people and tools bring in; an answer keeps its words, and instructions stay as they are. */
const REPLACED: readonly unknown[] = ['user', 'tool', 'function'];
/** First copies stand in what is never cut: what a tool gave may lose its middle, and then both copies would be gone. */
const FIRST: readonly unknown[] = ['user', 'system', 'developer'];

interface Passage extends Chunk {
  fingerprint?: Fingerprint;
}

/** Remembers what it found in a message, and what it made of it: a conversation is tried in many lengths. */
export class DuplicateChunks {
  private readonly passages = new Map<Message, readonly (readonly Passage[])[]>();
  private readonly made = new Map<Message, Map<string, Message>>();

  public without(messages: readonly Message[]): readonly Message[] {
    const seen = new Seen();
    return messages.map(message => {
      const [replaced, first] = [REPLACED, FIRST].map(roles => roles.includes(message.role)) as [boolean, boolean];
      if (!replaced && !first) return message;
      const repeated = this.of(message).map(passages => passages.filter(passage => {
        const isRepeated = seen.has(passage);
        if (first && !isRepeated) seen.add(passage);
        return replaced && isRepeated;
      }));
      return repeated.every(passages => passages.length === 0) ? message : this.replaced(message, repeated);
    });
  }

  private of(message: Message): readonly (readonly Passage[])[] {
    let texts = this.passages.get(message);
    if (texts === undefined) this.passages.set(message, texts = textsOf(message).map(chunksOf));
    return texts;
  }

  private replaced(message: Message, repeated: readonly (readonly Passage[])[]): Message {
    const key = repeated.map(passages => passages.map(({ from }) => from).join(',')).join(';');
    let made = this.made.get(message);
    if (made === undefined) this.made.set(message, made = new Map());
    let one = made.get(key);
    if (one === undefined) made.set(key, one = withTexts(message, (text, i) => withoutPassages(text, repeated[i]!)));
    return one;
  }
}

class Seen {
  private readonly exact = new Set<string>();
  private readonly banded = new Map<number, Passage[]>();

  /** It says nothing that one of them does not. */
  public has(passage: Passage): boolean {
    if (this.exact.has(passage.text)) return true;
    if (passage.literal) return false;
    const { bands } = passage.fingerprint ??= fingerprintOf(passage.text);
    for (const other of new Set(bands.flatMap(band => this.banded.get(band) ?? []))) if (saysNothingNew(passage.fingerprint, other.fingerprint!)) return true;
    return false;
  }

  public add(passage: Passage): void {
    this.exact.add(passage.text);
    if (passage.literal) return;
    passage.fingerprint ??= fingerprintOf(passage.text);
    for (const band of passage.fingerprint.bands) {
      const those = this.banded.get(band);
      if (those === undefined) this.banded.set(band, [passage]);
      else if (those.length < MOST_COMPARED) those.push(passage);
    }
  }
}

function withoutPassages(text: string, passages: readonly Passage[]): string {
  let [written, from] = ['', 0];
  for (const passage of passages) {
    written += text.slice(from, passage.from) + LEFT_OUT;
    from = passage.to;
  }
  return written + text.slice(from);
}
