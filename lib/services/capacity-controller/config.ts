/** The controller's configuration from its environment, refused where its parts contradict each other. */
import { CONTROLLER_CONFIG, ControllerConfig, controllerConfigSchema } from '../../contracts/capacity-controller';
import { InputError, parseWith } from '../../errors';
import { floorProblem } from '../../scaling/floors';

export function readConfig(environment: Readonly<Record<string, string | undefined>>): ControllerConfig {
  const config = parseWith(controllerConfigSchema, readJson(environment[CONTROLLER_CONFIG]), `The environment variable ${CONTROLLER_CONFIG}`);
  const { kind } = config.purchase;
  check('spotGroup', config.spotGroup, kind !== 'onDemand', kind);
  check('onDemandGroup', config.onDemandGroup, kind !== 'spotOnly', kind);
  for (const floor of config.floors) {
    const problem = floorProblem(floor);
    if (problem) throw new InputError(`${CONTROLLER_CONFIG}: of the floor "${floor.id}" ${problem}.`);
  }
  return config;
}

function check(name: string, given: string | undefined, wanted: boolean, kind: string): void {
  if ((given !== undefined) === wanted) return;
  throw new InputError(`${CONTROLLER_CONFIG}: ${name} is ${given === undefined ? 'missing' : `"${given}"`}; a group whose purchase is ${kind} has ${wanted ? 'one' : 'none'}.`);
}

function readJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    throw new InputError(`The environment variable ${CONTROLLER_CONFIG} is "${text!.slice(0, 40)}"...: a JSON document is accepted.`);
  }
}
