/** The gateway's log: JSON lines on standard error, beside the usage records on standard output. Never a prompt, an answer or a key. */
import pino, { Logger } from 'pino';

export type Log = Pick<Logger, 'info' | 'warn' | 'error'>;

export const openLog = (process: string): Log =>
  pino({ base: { process }, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true }));
