/**
 * The meter of one stream: told each server-sent event, it finds the usage without parsing the events (bytes are searched, and
 * one event is parsed at the end), and has the usage-only chunk dropped that the client did not ask for.
 */
import { Tokens } from '../contracts/usage-record';
import { Metered, NO_TOKENS, usageOf } from './usage';

const USAGE = Buffer.from('"usage"');
const CHOICES = Buffer.from('"choices"');
const FINISH_REASON = Buffer.from('"finish_reason"');
/** Shorter than any chunk: [DONE]. */
const SHORTEST_CHUNK = 20;
/** English has 4 and more, JSON and Chinese about 3: an estimate that is rather too high. */
const BYTES_PER_TOKEN = 3;
const [SPACE, QUOTE, COLON, OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE] = [0x20, 0x22, 0x3a, 0x5b, 0x5d, 0x7b];

export interface StreamUsage extends Metered {
  /** `service_tier` as the provider reported it beside the usage. */
  readonly serviceTier: unknown;
}

export class StreamMeter {
  private events = 0;
  private bytes = 0;
  private shortest = Infinity;
  /** The last event with a usage; it is parsed when the result is asked for. */
  private withUsage: Buffer | undefined;
  private usageIsFinal = false;
  private eventsSinceUsage = 0;

  public constructor(private readonly clientAskedForUsage: boolean) {}

  /** A whole event with its blank line. Drop it, or pass it to the client. */
  public event(event: Buffer): 'pass' | 'drop' {
    if (event.length < SHORTEST_CHUNK || event[0] === COLON) return 'pass';
    if (valueOf(event, USAGE, OPEN_BRACE) >= 0) {
      const usageOnly = withoutChoices(event);
      this.withUsage = event;
      this.usageIsFinal = usageOnly || valueOf(event, FINISH_REASON, QUOTE) >= 0;
      this.eventsSinceUsage = 0;
      if (usageOnly) return this.clientAskedForUsage ? 'pass' : 'drop';
    } else {
      this.eventsSinceUsage++;
    }
    this.events++;
    this.bytes += event.length;
    if (event.length < this.shortest) this.shortest = event.length;
    return 'pass';
  }

  /** What the last usage says; where none came, an estimate: the input as estimated, the output by what was seen of it. */
  public result(inputEstimate: number): StreamUsage {
    const chunk = this.withUsage === undefined ? undefined : dataOf(this.withUsage);
    const serviceTier = chunk?.service_tier;
    // Groq sends usage under its own name too.
    const tokens = usageOf(chunk?.usage ?? objectOr(chunk?.x_groq)?.usage);
    if (tokens !== undefined) {
      // A running usage (vLLM can) says less than was generated, if the stream broke off after it.
      const whole = this.usageIsFinal || this.eventsSinceUsage === 0;
      return whole ? { tokens, usage: 'provider', serviceTier } : { tokens: { ...tokens, output: tokens.output + this.eventsSinceUsage }, usage: 'estimated', serviceTier };
    }
    const estimate: Tokens = this.events === 0 ? NO_TOKENS : { ...NO_TOKENS, input: inputEstimate, output: this.outputEstimate() };
    return { tokens: estimate, usage: this.events === 0 ? 'none' : 'estimated', serviceTier };
  }

  /**
   * At least a token per event; more where events carry more: the bytes beyond those of the shortest event, which is hardly
   * longer than the envelope they share.
   */
  private outputEstimate(): number {
    return Math.max(this.events, Math.ceil((this.bytes - this.events * this.shortest) / BYTES_PER_TOKEN));
  }
}

/** Where a value of this key begins with this byte; -1 where it never does. Within a text of the JSON the quotes are escaped. */
function valueOf(event: Buffer, key: Buffer, firstByte: number): number {
  for (let at = event.indexOf(key); at >= 0; at = event.indexOf(key, at + key.length)) {
    const colon = afterSpace(event, at + key.length);
    if (event[colon] !== COLON) continue;
    const value = afterSpace(event, colon + 1);
    if (event[value] === firstByte) return value;
  }
  return -1;
}

/** No choice in it, so nothing for the client to read: `choices` is empty, null or not there. */
function withoutChoices(event: Buffer): boolean {
  const choices = valueOf(event, CHOICES, OPEN_BRACKET);
  return choices < 0 || event[afterSpace(event, choices + 1)] === CLOSE_BRACKET;
}

function afterSpace(event: Buffer, from: number): number {
  let at = from;
  while (event[at] === SPACE) at++;
  return at;
}

type Fields = Readonly<Record<string, unknown>>;

const objectOr = (value: unknown): Fields | undefined => typeof value === 'object' && value !== null ? value as Fields : undefined;

/** The JSON of an event's data lines; undefined where it is none. */
function dataOf(event: Buffer): Fields | undefined {
  const lines = event.toString('utf8').split(/\r\n|\r|\n/).filter(line => line.startsWith('data:'));
  try {
    const chunk: unknown = JSON.parse(lines.map(line => line.slice('data:'.length)).join('\n'));
    return objectOr(chunk);
  } catch {
    return undefined;
  }
}
