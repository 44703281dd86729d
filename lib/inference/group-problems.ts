/** What cannot work in a GPU group's declaration, across its fields; each problem gives the figures and what would do. */
import { fitOn } from '../capacity/fit';
import { measuredProblem } from '../capacity/measured-problem';
import { GpuGroup } from '../contracts/gpu-group';
import { floorProblem } from '../scaling/floors';

export function groupProblems(group: GpuGroup): string[] {
  const { minReplicas, maxReplicas } = group.scaling;
  const problems: string[] = [];
  if (minReplicas > maxReplicas) problems.push(`scaling.minReplicas is ${minReplicas} and maxReplicas ${maxReplicas}; the minimum cannot be above the maximum.`);
  if (group.purchase.kind === 'spotWithFallback' && group.purchase.onDemandBase > maxReplicas) {
    problems.push(`purchase.onDemandBase is ${group.purchase.onDemandBase} and scaling.maxReplicas ${maxReplicas}; the base cannot be above the maximum.`);
  }
  for (const floor of group.floors) {
    if (floor.minReplicas > maxReplicas) {
      problems.push(`the scheduled floor ${floor.id} asks for ${floor.minReplicas} replicas and scaling.maxReplicas is ${maxReplicas}; raise the maximum or lower the floor.`);
    }
    const problem = floorProblem(floor);
    if (problem) problems.push(`scheduled floor ${floor.id}: ${problem}.`);
  }
  if (minReplicas === 0 && group.scaling.idleHoldSeconds < group.coldStartSeconds) {
    problems.push(`scaling.idleHold is ${group.scaling.idleHoldSeconds} s and a cold start takes ${group.coldStartSeconds} s: a group that wakes from zero would go back `
      + 'before its replica answers; give a longer idleHold.');
  }
  if (group.maxModelLength > group.model.maxContextTokens) {
    problems.push(`maxModelLength is ${group.maxModelLength}, and ${group.model.name} takes at most ${group.model.maxContextTokens} tokens.`);
  }
  const bench = measuredProblem(group);
  if (bench) problems.push(bench);
  for (const instance of group.instances) {
    const fit = fitOn(group.model, instance, group.maxModelLength);
    if (!fit.fits) {
      problems.push(`${group.model.name} in ${group.model.precision} does not fit ${instance.type}: ${fit.arithmetic} Give an instance type with more GPU memory or more GPUs, `
        + 'weights of a lower precision, or a smaller maxModelLength.');
    }
  }
  return problems;
}
