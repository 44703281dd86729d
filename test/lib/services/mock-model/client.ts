/** A mock model for one suite, and a client that sees what really arrives: bytes, and how the connection ended. */
import { request } from 'node:http';
import { MockModel } from '../../../../lib/services/mock-model/server';

export interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** HTTP's own end came: not cut off. */
  readonly complete: boolean;
  /** Pieces in which it arrived. */
  readonly arrivals: number;
}

let mock: MockModel;
beforeAll(async () => { mock = await MockModel.start(); });
beforeEach(() => { mock.bill.clear(); });
afterAll(() => mock.close());

export const url = (): string => mock.url;
/** What the bill says, as GET /ledger tells it. */
export const ledger = async (query = ''): Promise<{ models: Record<string, Record<string, number>>; requests?: Record<string, Record<string, number>> }> =>
  JSON.parse((await send('GET', `/ledger${query}`)).text);

export interface Sending {
  readonly headers?: Record<string, string>;
  /** The client goes as soon as so many bytes came. */
  readonly leaveAfterBytes?: number;
}

/** Rejects when the connection ends before any answer. */
export function send(method: string, path: string, body?: string, { headers = {}, leaveAfterBytes = Infinity }: Sending = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const call = request(mock.url + path, { method, headers, agent: false }, response => {
      let text = '';
      let arrivals = 0;
      response.setEncoding('utf8');
      response.on('error', () => undefined);
      response.on('data', (chunk: string) => {
        text += chunk;
        arrivals++;
        if (text.length >= leaveAfterBytes) call.destroy();
      });
      response.on('close', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, text, complete: response.complete, arrivals }); });
    });
    call.on('error', reject);
    call.end(body);
  });
}

export const MESSAGES = [{ role: 'user', content: 'How many?' }];

export const chat = (model: string, rest: object = {}, sending?: Sending): Promise<Seen> =>
  send('POST', '/v1/chat/completions', JSON.stringify({ model, messages: MESSAGES, ...rest }), sending);

/** The data of each event. */
export const eventsOf = (text: string): string[] =>
  text.split('\n\n').filter(event => event !== '').map(event => event.replace(/^data: /, ''));
