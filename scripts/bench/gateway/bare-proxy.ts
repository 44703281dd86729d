/** The yardstick: the least a Node proxy can do. It pipes bytes through node:http and an undici pool and reads none of them. */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.env.UPSTREAM!);

const server = createServer((request, response) => {
  const { 'content-type': type, 'content-length': length, authorization } = request.headers;
  const headers = { 'content-type': type, 'content-length': length, authorization };
  pool.stream({ method: 'POST', path: request.url!, headers, body: request, opaque: response }, ({ statusCode, headers: answered }) => {
    const passed: Record<string, string | string[]> = {};
    for (const name of ['content-type', 'content-length']) {
      const value = answered[name];
      if (value !== undefined) passed[name] = value;
    }
    return response.writeHead(statusCode, passed);
  }).catch(() => { response.destroy(); });
});

server.listen(Number(process.env.PORT), '127.0.0.1');
