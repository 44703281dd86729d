/** An emulator leaves nothing behind, however its caller ends: no process, also of its Lambdas, and no file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { cloudFormation, eventually, invoke } from './harness/aws';
import { Emulator, startEmulator } from './harness/emulator';
import { ROOT } from './harness/paths';

/** Whether a process, or with a negative number any process of a group, is alive. */
const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

const PID_TEMPLATE = {
  Resources: {
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [
      { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
    ] } } },
    Pid: { Type: 'AWS::Lambda::Function', Properties: {
      FunctionName: 'pid', Runtime: 'nodejs24.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
      Code: { ZipFile: 'exports.handler = async () => process.pid;' },
    } },
  },
};

let emulator: Emulator;
beforeAll(async () => { emulator = await startEmulator(); });
afterAll(() => emulator.stop());

test('stop() ends the emulator and the Lambdas it runs, and removes the folder', async () => {
  const endpoint = emulator.environment.AWS_ENDPOINT_URL!;
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await cloudFormation('CreateStack', { StackName: 'Pid', TemplateBody: JSON.stringify(PID_TEMPLATE), 'Capabilities.member.1': 'CAPABILITY_IAM' }, endpoint);
  await eventually(() => cloudFormation('DescribeStacks', { StackName: 'Pid' }, endpoint), answer => answer.includes('CREATE_COMPLETE'));
  const { answer: lambda } = await invoke('pid', {}, endpoint);
  expect([emulator.pid, -emulator.pid, lambda as number].map(lives)).toEqual([true, true, true]);

  await emulator.stop();
  await eventually(async () => [-emulator.pid, lambda as number].some(lives), alive => !alive);
  expect(existsSync(emulator.folder)).toBe(false);
  await expect(fetch(endpoint)).rejects.toThrow();
});

test('a caller that is killed takes its emulator with it', async () => {
  const module = JSON.stringify(resolve(__dirname, 'harness/emulator.ts'));
  const script = `import(${module}).then(({ startEmulator }) => startEmulator()).then(({ pid, folder }) => console.log(JSON.stringify({ pid, folder })));
    setInterval(() => undefined, 1000);`;
  const caller = spawn(process.execPath, ['--import', 'tsx', '-e', script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(caller.stdout, 'data') as [Buffer];
  const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string };
  expect(lives(-pid)).toBe(true);

  caller.kill('SIGKILL');
  await eventually(async () => lives(-pid), alive => !alive);
  expect(existsSync(folder)).toBe(false);
});
