/**
 * Answers in Valkey, for all processes of a gateway. Each key is its own slot, so a cluster spreads them. Every one has a time to
 * live and no budget's counter does: a server told `maxmemory-policy volatile-lru`, as ElastiCache Serverless is, evicts answers only.
 */
import { ResponseStore } from '../../../gateway/cache/response-store';
import { ValkeyClient } from '../ledger/valkey-ledger';

export class ValkeyStore implements ResponseStore {
  /** `client`: its own. Behind a large answer on the way a reservation would wait. */
  public constructor(private readonly client: ValkeyClient, private readonly gatewayId: string) {}

  public async get(key: string): Promise<Buffer | undefined> {
    return await this.client.getBuffer(this.named(key)) ?? undefined;
  }

  public async set(key: string, value: Buffer, ttlMs: number): Promise<void> {
    await this.client.set(this.named(key), value, 'PX', Math.ceil(ttlMs));
  }

  public async close(): Promise<void> {
    this.client.disconnect();
  }

  private named(key: string): string {
    return `${this.gatewayId}:answer:${key}`;
  }
}
