/**
 * The value of a written sum, such as `$1,300 * 10/100` or `15 + (4 - 1) x 2`: what recomputing a model's arithmetic stands on.
 * Nothing is ever evaluated as code.
 */
const TOKEN = /\s*(?:(\d+(?:,\d{3})*(?!\d)(?:\.\d+)?|\.\d+)(%?)|([-+*/x×÷()]))/y;
/** Longer ones are no sum somebody wrote. */
const MOST_CHARACTERS = 200;

type Token = number | string;

/** undefined where it is no sum, or has no value. */
export function valueOf(text: string): number | undefined {
  const tokens = text.length > MOST_CHARACTERS ? undefined : tokensOf(text.replaceAll('$', ' ').trim());
  if (tokens === undefined || tokens.length === 0) return undefined;
  const sum = new Sum(tokens);
  const value = sum.sum();
  return sum.atEnd && Number.isFinite(value) ? value : undefined;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text);
    if (found === null) return undefined;
    const [, number, percent, sign = ''] = found;
    tokens.push(number === undefined ? sign : numberOf(number) / (percent === '' ? 1 : 100));
  }
  return tokens;
}

/** Of digits with or without commas between the thousands. */
export const numberOf = (digits: string): number => Number(digits.replaceAll(',', ''));

/** NaN from where the tokens are no sum. */
class Sum {
  private next = 0;

  public constructor(private readonly tokens: readonly Token[]) {}

  public get atEnd(): boolean {
    return this.next === this.tokens.length;
  }

  public sum(): number {
    let value = this.product();
    for (let sign = this.taken('+', '-'); sign !== undefined; sign = this.taken('+', '-')) {
      const right = this.product();
      value = sign === '+' ? value + right : value - right;
    }
    return value;
  }

  private product(): number {
    let value = this.factor();
    for (let sign = this.taken('*', 'x', '×', '/', '÷'); sign !== undefined; sign = this.taken('*', 'x', '×', '/', '÷')) {
      const right = this.factor();
      value = sign === '/' || sign === '÷' ? value / right : value * right;
    }
    return value;
  }

  private factor(): number {
    if (this.taken('-') !== undefined) return -this.factor();
    if (this.taken('(') !== undefined) {
      const value = this.sum();
      return this.taken(')') === undefined ? NaN : value;
    }
    const token = this.tokens[this.next];
    if (typeof token !== 'number') return NaN;
    this.next++;
    return token;
  }

  private taken(...signs: readonly string[]): string | undefined {
    const token = this.tokens[this.next];
    if (typeof token !== 'string' || !signs.includes(token)) return undefined;
    this.next++;
    return token;
  }
}
