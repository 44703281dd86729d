/** Whole invocations of the controller on a region and a table in memory, the minutes between them, and what it wrote. */
import { ControllerConfig } from '../../../../lib/contracts/capacity-controller';
import { Surroundings, control } from '../../../../lib/services/capacity-controller/control';
import { CONFIG, FakeRegion, FakeStore } from './region';

export const onBus = (type: string, detail: unknown, time = '2026-05-13T12:00:00Z'): unknown => ({ source: 'aws.ec2', 'detail-type': type, time, detail });
export const interruption = (id: string): unknown => onBus('EC2 Spot Instance Interruption Warning', { 'instance-id': id, 'instance-action': 'terminate' });
export const CAP = { Records: [{ EventSource: 'aws:sns', Sns: { Timestamp: '2026-05-13T11:59:00.000Z', Message: 'AWS Budgets' } }] };

export interface Logged { readonly level?: string; readonly message?: string; readonly _aws?: unknown; readonly [metric: string]: unknown }

export class Bench {
  public readonly region = new FakeRegion();
  public readonly store = new FakeStore();
  public readonly lines: Logged[] = [];
  public config: ControllerConfig = CONFIG;
  private invocations = 0;
  private names = 0;

  public invoke(event: unknown = this.schedule(), requestId = `request-${this.invocations++}`): Promise<void> {
    return control(event, requestId, this.surroundings());
  }

  /** A minute passes before it. */
  public async nextMinute(event?: unknown): Promise<void> {
    this.region.now += 60_000;
    this.region.settle();
    await this.invoke(event);
  }

  /** The rule of every minute, so long ago. */
  public schedule(age = 0): unknown {
    return { source: 'aws.events', 'detail-type': 'Scheduled Event', time: new Date(this.region.now - age).toISOString(), detail: {} };
  }

  public records(): Logged[] {
    return this.lines.filter(({ _aws }) => _aws);
  }

  public last(): Logged {
    return this.records().at(-1)!;
  }

  public messages(level: string): (string | undefined)[] {
    return this.lines.filter(line => line.level === level).map(({ message }) => message);
  }

  private surroundings(): Surroundings {
    const { region } = this;
    return {
      config: this.config, aws: region, store: this.store, write: line => void this.lines.push(JSON.parse(line) as Logged),
      now: () => new Date(region.now), random: () => 0.5, unique: () => `unique-${this.names++}`,
      sleep: async ms => {
        region.now += ms;
        await new Promise(resolve => setImmediate(resolve));
      },
    };
  }
}
