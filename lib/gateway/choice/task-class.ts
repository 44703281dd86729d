/** Of which of its route's task classes a call is: as its header says, or as the user's last words show. */
import { TaskClass } from '../../contracts/gateway-route';
import { compilePattern, has } from '../patterns';
import { Refusal } from '../refusal';

export class TaskClasses {
  private readonly compiled: readonly { readonly taskClass: TaskClass; readonly patterns: readonly RegExp[] }[];

  public constructor(private readonly classes: readonly TaskClass[]) {
    this.compiled = classes.map(taskClass => ({ taskClass, patterns: taskClass.patterns.map(pattern => compilePattern(pattern, '')) }));
  }

  /** `named`: by the header. Throws a Refusal where there is no such class. */
  public classOf(named: string | undefined, text: string | undefined): TaskClass | undefined {
    if (named !== undefined) return this.classes.find(({ id }) => id === named) ?? refuse(named, this.classes);
    if (text === undefined) return undefined;
    return this.compiled.find(({ patterns }) => patterns.some(pattern => has(text, pattern)))?.taskClass;
  }
}

function refuse(named: string, classes: readonly TaskClass[]): never {
  const remedy = classes.length === 0 ? 'this workflow has none, so leave the header out' : `send one of ${classes.map(({ id }) => id).join(', ')}, or leave the header out`;
  throw new Refusal('invalid_request', `The header x-task-class is ${JSON.stringify(named.slice(0, 80))}, which is not known here: ${remedy}.`);
}
