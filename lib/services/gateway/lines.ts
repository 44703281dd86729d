/**
 * Standard output: the lines of one turn of the event loop go out in one write, because a write costs more than a line. Who may
 * only go on when its line is out waits for the end of the turn.
 */
export class Lines {
  private text = '';
  private waiting: (() => void)[] = [];

  /** `write` has written when it returns. */
  public constructor(private readonly write: (text: string) => void) {}

  /** Takes a line without its line break. */
  public add(line: string): void {
    if (this.text === '') setImmediate(() => { this.flush(); });
    this.text += `${line}\n`;
  }

  /** Calls back when all lines so far are out. */
  public afterwards(then: () => void): void {
    if (this.text === '') then();
    else this.waiting.push(then);
  }

  public flush(): void {
    const { text, waiting } = this;
    if (text === '') return;
    this.text = '';
    this.waiting = [];
    this.write(text);
    for (const then of waiting) then();
  }
}
