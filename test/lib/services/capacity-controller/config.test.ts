/** A configuration that contradicts itself is refused at the start, by name. */
import { CONTROLLER_CONFIG } from '../../../../lib/contracts/capacity-controller';
import { InputError } from '../../../../lib/errors';
import { readConfig } from '../../../../lib/services/capacity-controller/config';
import { CONFIG } from './region';

const read = (but: object = {}): unknown => readConfig({ [CONTROLLER_CONFIG]: JSON.stringify({ ...CONFIG, ...but }) });

test('what the construct writes is read as it is', () => expect(read()).toEqual(CONFIG));

test.each([
  [{ spotGroup: undefined }, 'spotGroup is missing; a group whose purchase is spotWithFallback has one'],
  [{ purchase: { kind: 'onDemand' } }, 'spotGroup is "spot"; a group whose purchase is onDemand has none'],
  [{ purchase: { kind: 'spotOnly', reason: 'batch work' } }, 'onDemandGroup is "on-demand"; a group whose purchase is spotOnly has none'],
  [{ floors: [{ id: 'NineAm', minReplicas: 1, cron: 'often', timeZone: 'Etc/UTC', durationSeconds: 60 }] }, 'of the floor "NineAm" the schedule "often"'],
  [{ group: '' }, 'group is ""'],
])('%j', (but, says) => {
  expect(() => read(but)).toThrow(InputError);
  expect(() => read(but)).toThrow(says);
});

test('missing, or no JSON', () => {
  expect(() => readConfig({})).toThrow(`The environment variable ${CONTROLLER_CONFIG} is not valid`);
  expect(() => readConfig({ [CONTROLLER_CONFIG]: '{' })).toThrow('a JSON document is accepted');
});
