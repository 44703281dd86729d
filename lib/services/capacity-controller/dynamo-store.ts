/** The state of a group as one DynamoDB item, guarded by a lease of conditional writes (a reserved concurrency of 1 fails in new accounts). */
import { ConditionalCheckFailedException, DynamoDBClient, UpdateItemCommand, UpdateItemCommandInput, UpdateItemCommandOutput } from '@aws-sdk/client-dynamodb';
import { STATE_KEY } from '../../scaling/state';
import { Fact } from '../../scaling/seen';
import { CALL, CLIENT } from './sdk';
import { LeaseLost, Remembered, Store } from './store';

/** Longer than the function may run, so that no lease ends under a running tick. */
const LEASE_MS = 60_000;

export class DynamoStore implements Store {
  private readonly client = new DynamoDBClient(CLIENT);

  public constructor(private readonly table: string, private readonly group: string) {}

  public async record(facts: readonly Fact[]): Promise<void> {
    await this.update({
      UpdateExpression: 'SET inbox = list_append(if_not_exists(inbox, :none), :facts)',
      ExpressionAttributeValues: { ':none': { L: [] }, ':facts': { L: facts.map(fact => ({ S: JSON.stringify(fact) })) } },
    });
  }

  public async acquire(owner: string, now: Date): Promise<Remembered | undefined> {
    const answer = await whereHeld(this.update({
      UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until',
      // Its own lease may come back: a call that the SDK repeats was perhaps done already.
      ConditionExpression: 'attribute_not_exists(leaseUntil) OR leaseUntil < :now OR leaseOwner = :owner',
      ExpressionAttributeValues: { ':owner': { S: owner }, ':until': { N: String(now.getTime() + LEASE_MS) }, ':now': { N: String(now.getTime()) } },
      ReturnValues: 'ALL_NEW',
    }));
    if (!answer) return undefined;
    return {
      ...answer.Attributes?.decisionState?.S !== undefined && { state: answer.Attributes.decisionState.S },
      inbox: (answer.Attributes?.inbox?.L ?? []).map(fact => fact.S ?? ''),
    };
  }

  public async save(owner: string, state: string, consumed: number): Promise<void> {
    // Facts are appended at the end, so those consumed are still the first ones. The last goes first: no removal moves another.
    const facts = Array.from({ length: consumed }, (_, i) => `, inbox[${consumed - 1 - i}]`).join('');
    const done = await whereHeld(this.update({
      UpdateExpression: `SET decisionState = :state REMOVE leaseOwner, leaseUntil${facts}`,
      ConditionExpression: 'leaseOwner = :owner',
      ExpressionAttributeValues: { ':owner': { S: owner }, ':state': { S: state } },
    }));
    if (!done) throw new LeaseLost('the lease ended before the state was saved; the next tick repairs what this one decided');
  }

  public async release(owner: string): Promise<void> {
    await whereHeld(this.update({
      UpdateExpression: 'REMOVE leaseOwner, leaseUntil',
      ConditionExpression: 'leaseOwner = :owner',
      ExpressionAttributeValues: { ':owner': { S: owner } },
    }));
  }

  private update(input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<UpdateItemCommandOutput> {
    return this.client.send(new UpdateItemCommand({ TableName: this.table, Key: { [STATE_KEY]: { S: this.group } }, ...input }), CALL());
  }
}

/** undefined where the condition on the lease did not hold. */
async function whereHeld(update: Promise<UpdateItemCommandOutput>): Promise<UpdateItemCommandOutput | undefined> {
  try {
    return await update;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}
