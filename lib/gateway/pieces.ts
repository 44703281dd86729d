/**
 * Bytes as they come, until they are whole. A piece costs memory beside its bytes, so many small ones are put together: left
 * as they are, 16 MB that come byte by byte take 6 GB.
 */
const MOST_LOOSE = 256;

export class Pieces {
  public bytes = 0;
  private pieces: Buffer[] = [];
  /** Pieces at the end that stand as they came. */
  private loose = 0;

  public add(piece: Buffer): void {
    this.bytes += piece.length;
    this.pieces.push(piece);
    if (++this.loose < MOST_LOOSE) return;
    this.pieces.push(Buffer.concat(this.pieces.splice(-MOST_LOOSE)));
    this.loose = 0;
  }

  /** Buffers that are held. */
  public get count(): number {
    return this.pieces.length;
  }

  /** Without a copy where all came in one. */
  public whole(): Buffer {
    return this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces, this.bytes);
  }

  public clear(): void {
    this.pieces = [];
    this.bytes = this.loose = 0;
  }
}
