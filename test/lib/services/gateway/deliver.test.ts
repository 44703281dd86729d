/** Streams without a reader: drained for their usage, no more than so many at once, and given up when the gateway ends. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Deliverer, Delivery } from '../../../../lib/services/gateway/deliver';
import { StreamAnswer, StreamConsumer } from '../../../../lib/services/gateway/upstream/answer';

const MOST = 256;

class Stream implements StreamAnswer {
  public readonly kind = 'stream';
  public readonly attempts = 1;
  public consumer: StreamConsumer | undefined;
  public aborted = 0;
  public consume(consumer: StreamConsumer): void { this.consumer = consumer; }
  public pause(): void { throw new Error('nobody reads, so nobody is slow'); }
  public resume(): void {}
  public abort(): void { this.aborted++; }
}

interface Delivered {
  readonly stream: Stream;
  readonly finished: Delivery['outcome'][];
  readonly deliveries: Delivery[];
  readonly response: ServerResponse;
}

function deliver(deliverer: Deliverer, client: 'there' | 'gone'): Delivered {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  if (client === 'gone') response.destroy();
  const stream = new Stream();
  const finished: Delivery['outcome'][] = [];
  const deliveries: Delivery[] = [];
  deliverer.stream(response, stream, {}, 'x-cost', {
    event: () => 'pass',
    finish: delivery => {
      finished.push(delivery.outcome);
      deliveries.push(delivery);
      return {};
    },
  });
  return { stream, finished, deliveries, response };
}

test('so many are read on; one more is given up with what is known of it, until there is room again', () => {
  const deliverer = new Deliverer(then => { then(); });
  const detached = Array.from({ length: MOST }, () => deliver(deliverer, 'gone'));
  expect(detached.every(({ stream, finished }) => stream.aborted === 0 && finished.length === 0)).toBe(true);

  const beyond = deliver(deliverer, 'gone');
  expect([beyond.stream.aborted, beyond.finished, beyond.stream.consumer]).toEqual([1, ['client-gone'], undefined]);

  detached[0]!.stream.consumer!.event(Buffer.from('data: {}\n\n'));
  detached[0]!.stream.consumer!.end();
  detached[1]!.stream.consumer!.cut('it broke off');
  expect([detached[0]!.finished, detached[1]!.finished]).toEqual([['client-gone'], ['client-gone']]);
  const [again, too, third] = [1, 2, 3].map(() => deliver(deliverer, 'gone'));
  expect([again, too, third].map(each => each!.stream.aborted)).toEqual([0, 0, 1]);
});

test('that the model said it was all is told whether or not a client is there; of what broke off it never is', () => {
  const deliverer = new Deliverer(then => { then(); });
  const completes = (['there', 'gone'] as const).flatMap(client => (['end', 'cut', 'abandon'] as const).map(end => {
    const { stream, deliveries, response } = deliver(deliverer, client);
    if (end === 'end') stream.consumer!.end();
    else if (end === 'cut') stream.consumer!.cut('it broke off');
    else {
      response.emit('close');
      deliverer.abandon();
    }
    return deliveries.map(({ complete = false }) => complete);
  }));
  expect(completes).toEqual([[true], [false], [false], [true], [false], [false]]);
});

test('a client that leaves later counts from then on; one that stays never does', () => {
  const deliverer = new Deliverer(then => { then(); });
  for (let i = 0; i < MOST - 1; i++) deliver(deliverer, 'gone');
  const staying = Array.from({ length: 5 }, () => deliver(deliverer, 'there'));
  for (const { stream } of staying) stream.consumer!.end();
  expect(staying.map(({ finished }) => finished)).toEqual(Array(5).fill(['answered']));
  const [first, second] = [deliver(deliverer, 'there'), deliver(deliverer, 'there')];
  first.response.emit('close');
  second.response.emit('close');
  expect([first.stream.aborted, second.stream.aborted]).toEqual([0, 1]);
});

test('when the gateway ends, each of them is told once', () => {
  const deliverer = new Deliverer(then => { then(); });
  const detached = [deliver(deliverer, 'gone'), deliver(deliverer, 'gone')];
  const reading = deliver(deliverer, 'there');
  deliverer.abandon();
  deliverer.abandon();
  expect(detached.map(({ stream, finished }) => [stream.aborted, finished])).toEqual([[1, ['client-gone']], [1, ['client-gone']]]);
  expect([reading.stream.aborted, reading.finished]).toEqual([0, []]);
});
