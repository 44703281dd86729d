/** The state in its table, as the SDK asks for it: one holder of the lease at a time, and no fact lost or kept twice. */
import { Fact } from '../../../../lib/scaling/seen';
import { DynamoStore } from '../../../../lib/services/capacity-controller/dynamo-store';
import { AwsServer } from './aws-server';
import { NOON } from './region';
import { Table } from './table';

/** The function runs for 50 s at most: no lease may end under it. */
const LEASE = 60_000;
const at = (later: number): Date => new Date(NOON + later);
const fact = (instance: string): Fact => ({ kind: 'interruption', instance, at: NOON });
const text = (instance: string): string => JSON.stringify(fact(instance));

let server: AwsServer;
let table: Table;
let store: DynamoStore;
beforeEach(async () => {
  server = await AwsServer.start();
  table = new Table();
  server.answers.UpdateItem = body => table.update(body);
  store = new DynamoStore('table', 'Stack/Llama');
});
afterEach(() => server.stop());

test('taken where nobody holds it, refused while somebody does, taken over once it has ended', async () => {
  expect(await store.acquire('first', at(0))).toEqual({ inbox: [] });
  expect(await store.acquire('second', at(0))).toBeUndefined();
  expect(await store.acquire('second', at(LEASE))).toBeUndefined();
  expect(await store.acquire('second', at(LEASE + 1))).toEqual({ inbox: [] });
  expect(await store.acquire('first', at(LEASE + 2))).toBeUndefined();
  expect(server.asked[0]!.body).toMatchObject({ TableName: 'table', Key: { group: { S: 'Stack/Llama' } } });
});

test('a call that is repeated because its answer was lost takes the same lease again', async () => {
  let lost = false;
  server.answers.UpdateItem = body => {
    const answer = table.update(body);
    if (lost) return answer;
    lost = true;
    return { status: 500, text: '{"__type":"InternalServerError"}' };
  };
  expect(await store.acquire('first', at(0))).toEqual({ inbox: [] });
  expect(server.asked).toHaveLength(2);
});

test('groups of one table do not know each other', async () => {
  const other = new DynamoStore('table', 'Stack/Mistral');
  await other.record([fact('i-1')]);
  expect(await store.acquire('first', at(0))).toEqual({ inbox: [] });
  expect(await other.acquire('second', at(0))).toEqual({ inbox: [text('i-1')] });
});

test('facts are noted whoever holds the lease; a save takes those that were read, ends the lease and keeps the state', async () => {
  await store.record([fact('i-1'), fact('i-2')]);
  expect(await store.acquire('first', at(0))).toEqual({ inbox: [text('i-1'), text('i-2')] });
  await store.record([fact('i-3')]);
  await store.save('first', '{"a":1}', 2);
  expect(await store.acquire('second', at(1))).toEqual({ state: '{"a":1}', inbox: [text('i-3')] });
  await store.save('second', '{"a":2}', 0);
  expect(await store.acquire('third', at(2))).toEqual({ state: '{"a":2}', inbox: [text('i-3')] });
});

test('as many facts as are ever taken at once', async () => {
  await store.record(Array.from({ length: 101 }, (_, i) => fact(`i-${i}`)));
  await store.acquire('first', at(0));
  await store.save('first', '{}', 100);
  expect(await store.acquire('second', at(1))).toEqual({ state: '{}', inbox: [text('i-100')] });
});

test('a lease that was lost saves nothing and takes no fact', async () => {
  await store.record([fact('i-1')]);
  await store.acquire('first', at(0));
  await store.acquire('second', at(LEASE + 1));
  await expect(store.save('first', '{"a":1}', 1)).rejects.toThrow(expect.objectContaining({ name: 'LeaseLost' }));
  await store.save('second', '{"a":2}', 0);
  // Nor does one that has been given back.
  await expect(store.save('second', '{"a":3}', 1)).rejects.toThrow(expect.objectContaining({ name: 'LeaseLost' }));
  expect(await store.acquire('third', at(2))).toEqual({ state: '{"a":2}', inbox: [text('i-1')] });
});

test('a release ends its own lease and no other, and changes nothing else', async () => {
  await store.record([fact('i-1')]);
  await store.acquire('first', at(0));
  await store.release('another');
  expect(await store.acquire('second', at(1))).toBeUndefined();
  await store.release('first');
  expect(await store.acquire('second', at(1))).toEqual({ inbox: [text('i-1')] });
});

test('another failure is not taken for a lease that somebody holds', async () => {
  server.answers.UpdateItem = () => ({ status: 400, text: '{"__type":"ResourceNotFoundException","message":"no table"}' });
  await expect(store.acquire('first', at(0))).rejects.toThrow('no table');
});
