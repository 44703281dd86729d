/** Where a command prints: results on stdout, progress and errors on stderr. Texts are whole lines without the line break. */
export interface Io {
  stdout(text: string): void;
  stderr(text: string): void;
}
