/** The usage records of one process: numbered without gaps in the order they are written, one line each. */
import { UsageRecord } from '../contracts/usage-record';

/** A record before the book has numbered it. */
export type CallRecord = Omit<UsageRecord, 'type' | 'version' | 'process' | 'seq'>;

export class RecordBook {
  private seq = 0;

  /** `write` takes a line without its line break. */
  public constructor(private readonly process: string, private readonly write: (line: string) => void) {}

  public add(call: CallRecord): UsageRecord {
    const record: UsageRecord = { type: 'usage', version: 1, process: this.process, seq: ++this.seq, ...call };
    this.write(JSON.stringify(record));
    return record;
  }
}
