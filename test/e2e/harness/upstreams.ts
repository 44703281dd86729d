/** The mock model as a process, as it is shipped: the upstream of the gateway's suites, whose own account the records are held against. */
import { join } from 'node:path';
import { request } from 'undici';
import { Account } from '../../../lib/services/mock-model/bill';
import { Child } from './child';
import { ROOT } from './paths';

export interface MockLedger {
  readonly models: Readonly<Record<string, Account>>;
  /** By x-request-id, which is the gateway's request id: the last 100,000. */
  readonly requests: Readonly<Record<string, Account>>;
}

export class MockModelProcess {
  public static async start(): Promise<MockModelProcess> {
    let told: ((url: string) => void) | undefined;
    const listening = new Promise<string>(resolve => { told = resolve; });
    const child = await Child.start(join(ROOT, 'assets/mock-model.js'), () => ({ PORT: '0' }), {
      out: line => { told?.((JSON.parse(line) as { listening: string }).listening); },
      err: line => { process.stderr.write(`mock model: ${line}\n`); },
    });
    const url = await Promise.race([listening, child.ended.then(code => { throw new Error(`The mock model ended with ${code}: has npm run bundle run?`); })]);
    return new MockModelProcess(child, url);
  }

  private constructor(private readonly child: Child, private readonly origin: string) {}

  /** Base URL of an endpoint. */
  public get url(): string {
    return `${this.origin}/v1`;
  }

  public get pid(): number {
    return this.child.pid;
  }

  public async ledger(): Promise<MockLedger> {
    const { body } = await request(`${this.origin}/ledger?requests=1`);
    return await body.json() as MockLedger;
  }

  /** Of one model, by its name without orders; all zero where nobody has asked it. */
  public async account(model: string): Promise<Account> {
    return (await this.ledger()).models[model] ?? new Account();
  }

  public async stop(): Promise<void> {
    await this.child.stop();
  }
}
