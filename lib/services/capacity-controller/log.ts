/** Log lines as JSON, one object a line, so that they can be searched by field. */

export type Log = (level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>) => void;

export const jsonLog = (write: (line: string) => void): Log => (level, message, fields = {}) => write(JSON.stringify({ level, message, ...fields }));
