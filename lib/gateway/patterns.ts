/**
 * Regular expressions of a configuration. One that may take exponential time is refused, since a single answer would stop the
 * whole gateway; and each is tried on the beginning of a text only. What is left is a power of that: with one `.*` its square, with
 * three of them too much, which is the configuration's to avoid.
 */
import { InputError } from '../errors';

/** `.*x` takes time by the square of the text's length, which is a seventh of a second for so much. Most answers are a tenth of it. */
const MOST_CHARACTERS = 20_000;
/** A part that is repeated no more often, all repetitions around it taken together, is as good as written so many times. */
const FEW = 4;

/** What is wrong with it, with its place; undefined where nothing is. */
export function patternProblem(pattern: string, flags: string, place: string): string | undefined {
  try {
    partOf(pattern, flags);
  } catch (error) {
    return `${place} with flags ${JSON.stringify(flags)} is no regular expression of JavaScript: ${(error as Error).message}`;
  }
  const repeated = new Scan(pattern).ambiguous;
  return repeated === undefined ? undefined : `${place} may take exponential time: ${JSON.stringify(repeated.slice(0, 60))} is repeated, and has in it what can match one text in two ways. `
    + 'Leave repetitions and ? out of what is repeated, and begin each of its alternatives with another plain character, or use [...]';
}

/** Of a pattern that was found sound. */
export function compilePattern(pattern: string, flags: string, place = 'The pattern'): RegExp {
  const problem = patternProblem(pattern, flags, place);
  if (problem !== undefined) throw new InputError(`${problem}.`);
  return partOf(pattern, flags);
}

/** Whether a text has it. */
export const has = (text: string, pattern: RegExp): boolean => pattern.test(text.slice(0, MOST_CHARACTERS));

const partOf = (pattern: string, flags: string): RegExp => new RegExp(pattern, `${flags}u`);

const GROUP = /\((?:\?(?:[:=!]|<[=!]|<[^>]+>|[ims-]+:))?/y;
const ONE = /\\(?:[pPu]\{[^}]*\}|k<[^>]*>|[^])|\[(?:\\[^]|[^\]\\])*\]|[^]/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;
/** A character that stands for itself and is not repeated: its own beginning. */
const PLAIN = /(?:\\([!-/:-@[-`{-~])|([ !"#%&',\-/0-9:;<=>@A-Z_`a-z~]))(?![*+?{])/y;

/**
 * A walk over a pattern that is known to be one, in search of a part that is repeated and can match the same text in more than one
 * way: with a repetition of its own, or with alternatives that may begin alike. Only of such a part may the tries double with
 * each character. Some are refused that would be quick.
 */
class Scan {
  /** The first such part. */
  public readonly ambiguous: string | undefined;
  private next = 0;
  private found: string | undefined;

  public constructor(private readonly pattern: string) {
    this.alternatives();
    this.ambiguous = this.found;
  }

  /** How often, at most, is repeated in it what can match in more than one way, 0 where nothing can; so the next two. */
  private alternatives(): number {
    const beginnings: (string | undefined)[] = [];
    let flexible = 0;
    do {
      const plain = this.look(PLAIN);
      beginnings.push((plain?.[1] ?? plain?.[2])?.toLowerCase());
      flexible = Math.max(this.sequence(), flexible);
    } while (this.take('|'));
    const alike = beginnings.length > 1 && (beginnings.includes(undefined) || new Set(beginnings).size < beginnings.length);
    return Math.max(flexible, alike ? 1 : 0);
  }

  private sequence(): number {
    let flexible = 0;
    while (this.next < this.pattern.length && !'|)'.includes(this.pattern[this.next]!)) {
      const start = this.next;
      const inner = this.atom();
      const { least, most } = this.quantifier();
      const times = inner === 0 ? 0 : inner * Math.max(most, 1);
      if (times > FEW) this.found ??= this.pattern.slice(start, this.next);
      flexible = Math.max(flexible, times, least === most ? 0 : 1);
    }
    return flexible;
  }

  private atom(): number {
    if (this.match(GROUP) === undefined) {
      this.match(ONE);
      return 0;
    }
    const flexible = this.alternatives();
    this.take(')');
    return flexible;
  }

  private quantifier(): { readonly least: number; readonly most: number } {
    const [, sign, count, comma, end] = this.match(QUANTIFIER) ?? [];
    if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
    const least = Number(count ?? 1);
    return { least, most: comma === undefined ? least : end === undefined || end === '' ? Infinity : Number(end) };
  }

  private take(character: string): boolean {
    const taken = this.pattern[this.next] === character;
    if (taken) this.next++;
    return taken;
  }

  private match(what: RegExp): RegExpExecArray | undefined {
    const found = this.look(what);
    this.next += found?.[0].length ?? 0;
    return found;
  }

  private look(what: RegExp): RegExpExecArray | undefined {
    what.lastIndex = this.next;
    return what.exec(this.pattern) ?? undefined;
  }
}
