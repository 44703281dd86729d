/** One HTTP GET that ends in time: a whole page of bounded size, or the reason why not. */
import { get } from 'node:http';

const MAX_BYTES = 4 * 1024 * 1024;

export type Page = { readonly text: string } | { readonly failure: string };

export function getPage(url: string, deadlineMs: number): Promise<Page> {
  return new Promise(resolve => {
    const signal = AbortSignal.timeout(deadlineMs);
    const fail = (failure: string): void => { resolve({ failure: signal.aborted ? `no whole answer within ${deadlineMs} ms` : failure }); };
    const broken = (error: NodeJS.ErrnoException): void => { fail(error.code ?? error.message); };
    // A connection of its own each time: one kept open would fail once more after a restart of vLLM.
    const request = get(url, { agent: false, signal }, response => {
      const refuse = (failure: string): void => {
        fail(failure);
        response.destroy();
      };
      if (response.statusCode !== 200) return refuse(`HTTP status ${response.statusCode}`);
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_BYTES) refuse(`a page of more than ${MAX_BYTES} bytes`);
      });
      response.on('end', () => { resolve({ text: Buffer.concat(chunks).toString('utf8') }); });
      response.on('error', broken);
      return undefined;
    });
    request.on('error', broken);
  });
}
