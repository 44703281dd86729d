/** A call's task class: its header before its text, the first class before the next. */
import { taskClassSchema } from '../../../../lib/contracts/gateway-route';
import { TaskClasses } from '../../../../lib/gateway/choice/task-class';
import { Refusal } from '../../../../lib/gateway/refusal';

const classes = new TaskClasses([
  { id: 'extraction', gain: 0, patterns: ['^[Ee]xtract\\b', '\\bas JSON\\b'] },
  { id: 'math', gain: 0.4, patterns: ['\\bhow (many|much)\\b', '\\p{Sc}\\d'] },
  { id: 'review' },
].map(taskClass => taskClassSchema.parse(taskClass)));

const idOf = (named: string | undefined, text: string | undefined): string | undefined => classes.classOf(named, text)?.id;

test('the header decides, whatever the text', () => {
  expect(idOf('review', 'Extract the dates.')).toBe('review');
  expect(idOf('math', undefined)).toBe('math');
});

test('a header of an unknown class is refused with the known ones, and shown shortened', () => {
  const refused = (given: TaskClasses, named: string): Refusal => {
    try {
      given.classOf(named, 'Extract the dates.');
    } catch (error) {
      if (error instanceof Refusal) return error;
    }
    throw new Error('not refused');
  };
  expect(refused(classes, 'maths')).toMatchObject({
    code: 'invalid_request', message: 'The header x-task-class is "maths", which is not known here: send one of extraction, math, review, or leave the header out.',
  });
  expect(refused(classes, 'm'.repeat(5_000)).message.length).toBeLessThan(250);
  expect(refused(new TaskClasses([]), 'math').message).toContain('this workflow has none, so leave the header out');
});

test('without a header, the first class that has a pattern of the text', () => {
  expect(idOf(undefined, 'Extract how many apples there are.')).toBe('extraction');
  expect(idOf(undefined, 'Give me the total as JSON')).toBe('extraction');
  expect(idOf(undefined, 'What is €40 plus tax?')).toBe('math');
  expect(idOf(undefined, 'Write a poem.')).toBeUndefined();
  expect(idOf(undefined, undefined)).toBeUndefined();
});

test('a pattern looks at the first 20,000 characters', () => {
  expect(idOf(undefined, `${' '.repeat(19_990)}as JSON`)).toBe('extraction');
  expect(idOf(undefined, `${' '.repeat(19_999)}as JSON`)).toBeUndefined();
});
