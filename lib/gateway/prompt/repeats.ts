/** What a conversation says twice: whole messages, and passages such as those that a retrieval finds again for each question. */
import { Passage, Passages, passageOf } from './min-hash';

/** Shorter ones are cheap, and a second `yes` means something. */
const SHORTEST = 200;
const REPEATED_MESSAGE = '[The same message as before.]';
const REPEATED_PASSAGE = '[A passage that stands above.]';
/** Passages stand between empty lines; the lines are kept. */
const BETWEEN = /(\n[ \t]*\n\s*)/;
const FENCE = /^\s*(?:```|~~~)/m;

/** A text as it is cut for comparing; passage: undefined for what is too short, or stands between. */
export type Pieces = readonly { readonly text: string; readonly passage: Passage | undefined }[];

/** Of one conversation, told its texts in their order: what is repeated is judged by what stands before it only. */
export class Repeats {
  private readonly messages = new Set<string>();
  private readonly passages = new Passages();

  /** `known`: of texts that are looked at many times. */
  public constructor(private readonly known = new Map<string, Pieces>()) {}

  /** A message by its role and text. */
  public message(role: unknown, text: string): string {
    if (text.length < SHORTEST) return text;
    const key = `${String(role)} ${text}`;
    if (this.messages.has(key)) return REPEATED_MESSAGE;
    this.messages.add(key);
    return text;
  }

  public text(text: string): string {
    // A passage of code means what it means where it stands.
    if (text.length < SHORTEST || FENCE.test(text)) return text;
    let pieces = this.known.get(text);
    if (pieces === undefined) this.known.set(text, pieces = piecesOf(text));
    let repeated = false;
    const kept = pieces.map(piece => {
      if (piece.passage === undefined || !this.passages.repeats(piece.passage)) return piece.text;
      repeated = true;
      return REPEATED_PASSAGE;
    });
    return repeated ? kept.join('') : text;
  }
}

const piecesOf = (text: string): Pieces => text.split(BETWEEN).map((part, i) =>
  ({ text: part, passage: i % 2 === 1 || part.length < SHORTEST ? undefined : passageOf(part.trim().replace(/\s+/g, ' ')) }));
