/** The reference app registers both packs of checks; what they find is seen in strict-synth. */
import { rmSync } from 'node:fs';
import { App, Validations } from 'aws-cdk-lib';

test('AwsSolutions and ours judge every reference stack', () => {
  const add = jest.spyOn(Validations.prototype, 'addPlugins');
  jest.requireActual('../../bin/reference');
  // An app makes its output folder at once.
  add.mock.contexts.forEach(context => rmSync((Reflect.get(context, 'scope') as App).outdir, { recursive: true, force: true }));
  expect(add.mock.calls.flat().map(plugin => plugin.name)).toEqual(['AwsSolutions', 'AiMargin']);
});
