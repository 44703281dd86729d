/** One leads, the others get what it gets; whatever happens, nobody waits for ever. */
import fc from 'fast-check';
import { SingleFlight } from '../../../../lib/gateway/cache/single-flight';

type End = (value?: string) => void;
const leading = (flights: SingleFlight<string>, key: string): End => {
  const joined = flights.join(key);
  if (!('end' in joined)) throw new Error('somebody leads already');
  return joined.end;
};
const waiting = (flights: SingleFlight<string>, key: string, gone?: AbortSignal): Promise<string | undefined> => {
  const joined = flights.join(key, gone);
  if (!('outcome' in joined)) throw new Error('nobody leads');
  return joined.outcome;
};
const settled = (asked: Promise<unknown>): Promise<unknown> => Promise.race([asked, new Promise(resolve => setImmediate(() => { resolve('waits'); }))]);

test('all who wait get what the first one gets, and the next call leads anew', async () => {
  const flights = new SingleFlight<string>();
  const end = leading(flights, 'a');
  const others = [waiting(flights, 'a'), waiting(flights, 'a')];
  expect(await settled(others[0]!)).toBe('waits');
  end('I10');
  expect(await Promise.all(others)).toEqual(['I10', 'I10']);
  expect(flights.size).toBe(0);
  leading(flights, 'a');
});

test('where it comes to nothing, all go on at once', async () => {
  const flights = new SingleFlight<string>();
  const end = leading(flights, 'a');
  const others = Array.from({ length: 100 }, () => waiting(flights, 'a'));
  end();
  expect(new Set(await Promise.all(others))).toEqual(new Set([undefined]));
});

test('a flight ends once: what its leader says later does not touch the next one', async () => {
  const flights = new SingleFlight<string>();
  const first = leading(flights, 'a');
  first();
  const second = leading(flights, 'a');
  const other = waiting(flights, 'a');
  first('late');
  expect([await settled(other), flights.size]).toEqual(['waits', 1]);
  second('in time');
  expect(await other).toBe('in time');
});

test('other keys are other flights', async () => {
  const flights = new SingleFlight<string>();
  const end = leading(flights, 'a');
  leading(flights, 'b');
  const [a, b] = [waiting(flights, 'a'), waiting(flights, 'b')];
  end('for a');
  expect([await a, await settled(b)]).toEqual(['for a', 'waits']);
});

test('who has left waits no more, now or from the start, and leaves nothing behind', async () => {
  const flights = new SingleFlight<string>();
  const end = leading(flights, 'a');
  const client = new AbortController();
  const removed = jest.spyOn(client.signal, 'removeEventListener');
  const left = waiting(flights, 'a', client.signal);
  const stays = waiting(flights, 'a', new AbortController().signal);
  client.abort();
  expect([await left, await waiting(flights, 'a', client.signal), await settled(stays)]).toEqual([undefined, undefined, 'waits']);
  end('I10');
  expect(await stays).toBe('I10');
  expect(removed).toHaveBeenCalledTimes(1);
});

test('any history: one leader per key, each who waits gets its own flight\'s outcome or has left, and no key stays', async () => {
  const key = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('join' as const), key }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), value: fc.option(fc.string(), { nil: undefined }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat() }) },
  );
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
    const flights = new SingleFlight<string>();
    const leaders: { readonly key: string; readonly end: End; over: boolean }[] = [];
    const others: { readonly outcome: Promise<string | undefined>; readonly leader: object; readonly client: AbortController; expected?: { value: string | undefined } }[] = [];
    const endOf = (leader: typeof leaders[number], value?: string): void => {
      leader.end(value);
      if (leader.over) return;
      leader.over = true;
      for (const other of others) if (other.leader === leader) other.expected ??= { value };
    };
    for (const each of steps) {
      if (each.do === 'join') {
        const client = new AbortController();
        const leads = leaders.find(leader => leader.key === each.key && !leader.over);
        const joined = flights.join(each.key, client.signal);
        expect('end' in joined).toBe(leads === undefined);
        if ('end' in joined) leaders.push({ key: each.key, end: joined.end, over: false });
        else others.push({ outcome: joined.outcome, leader: leads!, client });
      } else if (each.do === 'end' && leaders.length > 0) {
        endOf(leaders[each.which % leaders.length]!, each.value);
      } else if (each.do === 'leave' && others.length > 0) {
        const other = others[each.which % others.length]!;
        other.client.abort();
        other.expected ??= { value: undefined };
      }
      expect(flights.size).toBe(leaders.filter(leader => !leader.over).length);
    }
    for (const leader of leaders) endOf(leader);
    expect(await Promise.all(others.map(other => other.outcome))).toEqual(others.map(other => other.expected!.value));
    expect(flights.size).toBe(0);
  }));
});
