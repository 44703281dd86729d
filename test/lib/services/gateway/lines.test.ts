/** Standard output: every line once and in order, few writes, and nobody goes on before his line is out. */
import * as fc from 'fast-check';
import { Lines } from '../../../../lib/services/gateway/lines';

const turn = (): Promise<void> => new Promise(resolve => { setImmediate(resolve); });

test('the lines of one turn are one write; who waits for one goes on after it', async () => {
  const seen: string[] = [];
  const lines = new Lines((text, written) => { seen.push(text); written(); });
  lines.afterwards(() => { seen.push('nothing to wait for'); });
  lines.add('a');
  lines.afterwards(() => { seen.push('a is out'); });
  lines.add('b');
  lines.afterwards(() => { seen.push('b is out'); });
  expect(seen).toEqual(['nothing to wait for']);
  await turn();
  expect(seen).toEqual(['nothing to wait for', 'a\nb\n', 'a is out', 'b is out']);
});

test('a flush does not wait for the turn, and its turn writes nothing twice', async () => {
  const seen: string[] = [];
  const lines = new Lines((text, written) => { seen.push(text); written(); });
  lines.add('a');
  lines.flush();
  lines.add('b');
  await turn();
  expect(seen).toEqual(['a\n', 'b\n']);
});

test('whatever is added, waited for and flushed: all lines in order, and each wait ends after its line', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom('add', 'wait', 'flush', 'turn')), async steps => {
    let written = '';
    let added = 0;
    const lines = new Lines((text, done) => { written += text; done(); });
    const waits: boolean[] = [];
    for (const step of steps) {
      if (step === 'add') lines.add(String(added++));
      if (step === 'flush') lines.flush();
      if (step === 'turn') await turn();
      const due = added;
      const index = waits.length;
      if (step === 'wait') {
        waits.push(false);
        lines.afterwards(() => { waits[index] = written.split('\n').length - 1 >= due; });
      }
    }
    await turn();
    expect(written).toBe(Array.from({ length: added }, (_, i) => `${i}\n`).join(''));
    expect(waits.every(Boolean)).toBe(true);
  }));
});

test('what no reader takes keeps everyone waiting, those without a line of their own too, and is told when it is much', async () => {
  const unread: (() => void)[] = [];
  const lines = new Lines((_, written) => { unread.push(written); });
  const seen: string[] = [];
  lines.add('x'.repeat(4 * 1024 * 1024));
  lines.afterwards(() => { seen.push('first'); });
  expect(lines.behind).toBe(false);
  await turn();
  lines.afterwards(() => { seen.push('second'); });
  expect([seen, lines.behind]).toEqual([[], true]);
  while (unread.length > 0) unread.shift()!();
  expect([seen, lines.behind]).toEqual([['first', 'second'], false]);
});
