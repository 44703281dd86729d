/** A memory that another version wrote, or that broke, loses only what cannot be read. */
import { NO_STATE, State, readState } from '../../../lib/scaling/state';

const STATE: State = {
  load: [{ value: 5, at: 1 }], shortfall: [{ value: 2, at: 1 }], notices: { i: { kind: 'rebalance', at: 1 } }, counted: { a: 1 },
  replicas: { i: { firstSeen: 1, healthy: true, since: 1 } }, cooldown: { until: 2, length: 3 }, capUntil: 4,
  spotPrices: { at: 1, pools: [{ type: 't', zone: 'z', usdPerHour: 1 }] },
};

test('what was written is read', () => expect(readState(JSON.parse(JSON.stringify(STATE)))).toEqual({ state: STATE }));

test('what another version adds is left out, at any depth', () => {
  const newer = { ...STATE, mood: 'fine', cooldown: { ...STATE.cooldown, why: 'quota' }, load: [{ value: 5, at: 1, zone: 'a' }] };
  expect(readState(newer)).toEqual({ state: STATE });
});

test.each<[keyof State, unknown]>([
  ['load', 7], ['load', [{ value: -1, at: 0 }]], ['shortfall', 'much'], ['notices', { i: { kind: 'rumour', at: 1 } }], ['replicas', { i: 1 }], ['replicas', undefined],
  ['counted', []], ['cooldown', { until: 'later' }], ['spotPrices', { at: null }],
])('a broken field %s is as never written, the others stay, and it is said which', (field, broken) => {
  const others = Object.fromEntries(Object.entries(STATE).filter(([name]) => name !== field));
  expect(readState({ ...STATE, [field]: broken })).toEqual({ state: { ...NO_STATE, ...others }, problem: expect.stringContaining(`${field}`) });
});

test.each([undefined, null, 'text', 42, [1, 2], {}])('of %j nothing is read', document => {
  expect(readState(document)).toEqual({ state: NO_STATE, problem: expect.any(String) });
});
