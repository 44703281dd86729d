/** A MiniStack of our own: one process group on a free port of 127.0.0.1, its files in a temporary folder, all gone when stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, openSync, closeSync, rmSync } from 'node:fs';
import { createServer, AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT, tool } from './paths';

const START_WITHIN_MS = 60_000;
const END_WITHIN_MS = 10_000;

export interface Emulator {
  readonly pid: number;
  /** Holds everything the emulator, its Lambdas and the CDK's command line write. */
  readonly folder: string;
  /** What a process needs to see the emulator as AWS, and nothing else as AWS. */
  readonly environment: Readonly<Record<string, string>>;
  log(): string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function environmentFor(endpoint: string, folder: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    // The developer's own profiles stay out of reach.
    AWS_CONFIG_FILE: join(folder, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'aws-credentials'),
    CDK_HOME: join(folder, 'cdk'),
    E2E_FOLDER: folder,
  };
}

export async function startEmulator(): Promise<Emulator> {
  const folder = mkdtempSync(join(tmpdir(), 'ai-margin-e2e-'));
  const port = await freePort();
  const environment = environmentFor(`http://127.0.0.1:${port}`, folder);
  const logFile = join(folder, 'ministack.log');
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);

  const log = openSync(logFile, 'a');
  const child = spawn(tool('python'), [resolve(__dirname, 'launcher.py')], {
    cwd: folder,
    stdio: ['pipe', log, log],
    env: {
      ...environment,
      // Lambdas run on the Node this test runs on, and find the AWS SDK that Lambda's own runtime brings.
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      NODE_PATH: join(ROOT, 'node_modules'),
      // IAM is enforced: a Lambda may do what its role allows, and nothing else.
      AUTH: 'true',
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LAMBDA_EXECUTOR: 'local',
      HOME: folder,
      TMPDIR: temporary,
      S3_DATA_DIR: join(folder, 's3'),
      STATE_DIR: join(folder, 'state'),
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  closeSync(log);
  // Whoever forgets stop() ends all the same, and the emulator with it: see launcher.py.
  child.unref();
  const ended = once(child, 'exit');
  const readLog = (): string => readFileSync(logFile, 'utf8');

  const stop = async (): Promise<void> => {
    child.stdin?.end();
    const kill = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
    await ended;
    clearTimeout(kill);
    rmSync(folder, { recursive: true, force: true });
  };

  try {
    await answers(`${environment.AWS_ENDPOINT_URL}/_ministack/health`, () => child.exitCode === null && child.signalCode === null);
  } catch (error) {
    const words = readLog();
    await stop();
    throw new Error(`MiniStack did not start: ${(error as Error).message}\n${words}`, { cause: error });
  }
  return { pid: child.pid!, folder, environment, log: readLog, stop };
}

async function answers(url: string, alive: () => boolean): Promise<void> {
  const until = Date.now() + START_WITHIN_MS;
  while (Date.now() < until) {
    if (!alive()) throw new Error('the process ended');
    const status = await fetch(url).then(response => response.status, () => 0);
    if (status === 200) return;
    await pause(100);
  }
  throw new Error(`no answer within ${START_WITHIN_MS / 1000} s`);
}
