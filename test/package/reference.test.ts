/** The reference app registers both packs of checks; what they find is seen in strict-synth. */
import { Validations } from 'aws-cdk-lib';

test('AwsSolutions and ours judge every reference stack', () => {
  const add = jest.spyOn(Validations.prototype, 'addPlugins');
  jest.requireActual('../../bin/reference');
  expect(add.mock.calls.flat().map(plugin => plugin.name)).toEqual(['AwsSolutions', 'AiMargin']);
});
