/** Step Functions: standard workflows by transition, express ones by request and duration. */
import { Charge, usage } from '../charge';
import { Family } from '../family';
import { Resource } from '../resource';
import { isOn } from './options';

export const stepFunctions: Family = {
  name: 'Step Functions',
  charges: { 'AWS::StepFunctions::StateMachine': machine => machineCharges(machine) },
};

const machineCharges = (machine: Resource): Charge[] => [
  ...machine.text('StateMachineType', 'STANDARD') === 'EXPRESS'
    ? [usage('step-functions/express-request'), usage('step-functions/express-duration')]
    : [usage('step-functions/transition')],
  ...isOn(machine, 'TracingConfiguration.Enabled') ? [usage('xray/trace')] : [],
];
