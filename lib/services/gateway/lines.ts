/**
 * Standard output: the lines of one turn of the event loop go out in one write, because a write costs more than a line. Who may
 * only go on when its line is out waits until a reader has taken it, and while none reads, nothing more is promised.
 */

/** So much may wait for a reader. */
const MOST_WAITING = 4 * 1024 * 1024;

export class Lines {
  private text = '';
  private waiting: (() => void)[] = [];
  /** Characters given away and not written yet. */
  private unwritten = 0;

  /** `write` calls back when all of it is written; never, where it cannot be. */
  public constructor(private readonly write: (text: string, written: () => void) => void) {}

  /** Nobody reads: what would have to be written down must not begin. */
  public get behind(): boolean {
    return this.unwritten > MOST_WAITING;
  }

  /** Takes a line without its line break. */
  public add(line: string): void {
    if (this.text === '') setImmediate(() => { this.flush(); });
    this.text += `${line}\n`;
  }

  /** Calls back when all lines so far are written. */
  public afterwards(then: () => void): void {
    if (this.text === '' && this.unwritten === 0) then();
    else if (this.text === '') this.write('', then);
    else this.waiting.push(then);
  }

  public flush(): void {
    const { text, waiting } = this;
    if (text === '') return;
    this.text = '';
    this.waiting = [];
    this.unwritten += text.length;
    this.write(text, () => {
      this.unwritten -= text.length;
      for (const then of waiting) then();
    });
  }
}
