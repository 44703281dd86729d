/** EventBridge: custom events by use, invocations of the scheduler by use. Rules on schedules and on events of AWS are free. */
import { unpriced, usage } from '../charge';
import { Family } from '../family';

export const eventbridge: Family = {
  name: 'EventBridge',
  charges: {
    'AWS::Events::Rule': () => [],
    'AWS::Events::EventBus': () => [usage('eventbridge/custom-event')],
    'AWS::Events::Archive': () => [unpriced('the price book has no prices for event archives')],
    'AWS::Events::ApiDestination': () => [unpriced('the price book has no prices for invocations of API destinations')],
    'AWS::Pipes::Pipe': () => [unpriced('the price book has no prices for EventBridge Pipes')],
    // No built-in price: a declared price override gives one.
    'AWS::Scheduler::Schedule': () => [usage('scheduler/invocation')],
    'AWS::Scheduler::ScheduleGroup': () => [],
  },
};
