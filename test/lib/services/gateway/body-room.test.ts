/** Large bodies at once: each on its own is allowed, together they get no more than there is room for, and all of it comes back. */
import { BodyRoom } from '../../../../lib/services/gateway/body-room';
import { MESSAGES, Running, errorOf, tier, until } from './running';

const MB = 1024 * 1024;

test('there is as much room as for four of the usual largest, or for the largest one', () => {
  const room = new BodyRoom(() => 16 * MB);
  expect([room.take(64 * MB), room.take(1)]).toEqual([true, false]);
  room.giveBack(64 * MB);
  expect(room.take(65 * MB)).toBe(false);
  expect(new BodyRoom(() => 200 * MB).take(200 * MB)).toBe(true);
});

test('a call too many is told to come again; when the others are over, answered or refused, it is served', async () => {
  const running = await Running.start(model => ({
    tiers: [tier('Premium', model('mock-large?inputTokens=1&outputTokens=1&delayMs=2000')), tier('Small', model('mock-small'))],
    workflows: [{ id: 'DraftNote', tiers: ['Premium'] }, { id: 'Search', tiers: ['Small'] }],
  }));
  const large = (workflow: string): ReturnType<Running['send']> => running.send({
    headers: { 'x-workflow': workflow }, body: JSON.stringify({ model: 'm', messages: MESSAGES, metadata: { padding: 'x'.repeat(15 * MB) } }),
  });
  const four = Promise.all(Array.from({ length: 4 }, () => large('DraftNote')));
  await until(() => running.mock.bill.document(false).models['mock-large']?.calls === 4);
  for (let i = 0; i < 2; i++) {
    const refused = await large('Search');
    expect([refused.status, refused.headers['retry-after'], errorOf(refused).code]).toEqual([503, '1', 'overloaded']);
  }
  // Small ones have room.
  expect((await running.chat({}, { headers: { 'x-workflow': 'Search' } })).status).toBe(200);
  expect((await four).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await large('Search')).status).toBe(200);
});
