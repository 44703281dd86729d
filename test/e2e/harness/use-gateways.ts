/** For a suite of the gateway: one mock model and one Valkey for its file, and gateways that end after each test. */
import { once } from 'node:events';
import { GatewayConfigInput } from '../../../lib/contracts/gateway';
import { UsageRecord } from '../../../lib/contracts/usage-record';
import { CounterState } from '../../../lib/gateway/ledger';
import { Period } from '../../../lib/gateway/periods';
import { ZERO, decimal } from '../../../lib/money';
import { connect } from '../../../lib/services/gateway/ledger/connect';
import { KeyNames } from '../../../lib/services/gateway/ledger/key-names';
import { ValkeyClient, ValkeyLedger } from '../../../lib/services/gateway/ledger/valkey-ledger';
import { eventually } from './aws';
import { GatewayProcess } from './gateway';
import { MockModelProcess } from './upstreams';
import { Valkey } from './valkey';

export const NOTHING: CounterState = { spent: 0, reserved: 0, open: 0, expired: 0, expiredAmount: 0 };
const SETTLED_WITHIN_MS = 60_000;

/** Billionths of a dollar, as the store counts. */
export const nanoOf = (records: readonly Pick<UsageRecord, 'costUsd'>[]): number =>
  records.reduce((sum, { costUsd }) => sum.plus(decimal(costUsd ?? NaN)), ZERO).times(1e9).toNumber();

/** A Valkey, and what a gateway has counted in it. */
export class Store {
  public static async start(): Promise<Store> {
    const valkey = await Valkey.start();
    const client = connect(valkey.clusterUrl, () => undefined);
    await once(client, 'ready');
    return new Store(valkey, client);
  }

  private constructor(public readonly valkey: Valkey, private readonly client: ValkeyClient) {}

  public get url(): string {
    return this.valkey.clusterUrl;
  }

  public async counter({ gatewayId }: GatewayConfigInput, name = 'global', period: Period = 'month'): Promise<CounterState> {
    return (await new ValkeyLedger(this.client, gatewayId).read([{ name, period }]))[0]!;
  }

  /** Nothing is open any more: what is counted then. */
  public async settled(config: GatewayConfigInput, name = 'global', period: Period = 'month'): Promise<CounterState> {
    const asked = (): Promise<CounterState | string> => this.counter(config, name, period).catch(String);
    return await eventually(asked, state => typeof state === 'object' && state.open === 0, SETTLED_WITHIN_MS) as CounterState;
  }

  /** So many calls are in flight. */
  public async open(config: GatewayConfigInput, count: number): Promise<void> {
    await eventually(() => this.counter(config), ({ open }) => open === count, SETTLED_WITHIN_MS);
  }

  /** Request ids of the calls that have a reservation now. */
  public async inFlight({ gatewayId }: GatewayConfigInput, name = 'global', period: Period = 'month'): Promise<string[]> {
    const members = await this.client.zrange(new KeyNames(gatewayId).counter({ name, period }).open, 0, -1);
    return members.map(member => member.replace(/^\d+:/, '').replace(/\.\d+$/, ''));
  }

  public async stop(): Promise<void> {
    this.client.disconnect();
    await this.valkey.stop();
  }
}

class Gateways {
  public mock!: MockModelProcess;
  public store!: Store;
  private readonly stopping: { stop(): Promise<unknown> }[] = [];

  public async open(): Promise<void> {
    [this.mock, this.store] = await Promise.all([MockModelProcess.start(), Store.start()]);
  }

  public async start(config: GatewayConfigInput, count = 1, store = this.store): Promise<[GatewayProcess, ...GatewayProcess[]]> {
    const one = async (): Promise<GatewayProcess> => {
      const started = await GatewayProcess.start(config, store.url);
      this.stopping.unshift(started);
      return started;
    };
    return Promise.all([one(), ...Array.from({ length: count - 1 }, one)]);
  }

  /** For a test that freezes it. */
  public async ownStore(): Promise<Store> {
    const store = await Store.start();
    this.stopping.push(store);
    return store;
  }

  public async stopAll(): Promise<void> {
    const results = await Promise.allSettled(this.stopping.splice(0).map(each => each.stop()));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  public async close(): Promise<void> {
    await Promise.all([this.mock.stop(), this.store.stop()]);
  }
}

export function useGateways(): Gateways {
  const gateways = new Gateways();
  beforeAll(() => gateways.open());
  afterEach(() => gateways.stopAll());
  afterAll(() => gateways.close());
  return gateways;
}
