/** What a script is called with: every key that its steps name, once; and each step refers to its own. */
import * as fc from 'fast-check';
import { KeyNames } from '../../../../../lib/services/gateway/ledger/key-names';
import { ScriptArguments, Step } from '../../../../../lib/services/gateway/ledger/step-arguments';
import { call, moments, settlement } from '../../../gateway/ledger-histories';

const SHARED = ['{g}:settled', '{g}:runs', '{g}:first-calls'];

function argumentsOf(steps: readonly Step[]): ScriptArguments {
  const call = new ScriptArguments(new KeyNames('g'));
  for (const step of steps) call.addStep(step);
  return call;
}

test('a reservation and its settlement, one after the other', () => {
  const reservation = call('a', {
    counters: [{ name: 'global', period: 'month', limit: 100 }, { name: 'tenant:acme', period: 'day', limit: null }], minute: { name: 'k1', requests: 5, tokens: null }, run: 'DraftNote r1',
  });
  const both = argumentsOf([{ kind: 'reserve', reservation }, { kind: 'settle', settlement: settlement(reservation, 7, 60) }]);
  expect(both.keys()).toEqual([
    ...SHARED, '{g}:counter:month:global', '{g}:open:month:global', '{g}:counter:day:tenant:acme', '{g}:open:day:tenant:acme', '{g}:minute:k1',
  ]);
  expect(both.args()).toEqual(['md', 'r', 'a', 10, 100, 900_000, 'DraftNote r1', 5, '', 1, '1=100 2= ', 's', 'a', 10, 7, -40, '', 1, '1 2 ']);
});

test('of any steps: each key once, all with one hash tag, and each step refers to the keys of its counters', () => fc.assert(fc.property(moments, ({ calls }) => {
  const made = argumentsOf(calls.map(reservation => ({ kind: 'reserve', reservation })));
  const keys = made.keys();
  const [letters, ...items] = made.args().map(String);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(key).toMatch(/^\{g\}:/);
  for (const [index, { counters, minute }] of calls.entries()) {
    const item = items.slice(10 * index, 10 * (index + 1));
    const named = item[9]!.split(' ').filter(text => text !== '').map(text => Number(text.split('=')[0]));
    expect(named.map(number => [keys[1 + 2 * number], letters![number - 1]])).toEqual(counters.map(({ name, period }) => [`{g}:counter:${period}:${name}`, period[0]]));
    if (minute) expect(keys[SHARED.length + 2 * letters!.length + Number(item[8]) - 1]).toBe(`{g}:minute:${minute.name}`);
    else expect(item[8]).toBe('');
  }
})));
