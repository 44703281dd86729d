/** A rule: one file, pure, over the forecast of one stack, so that synth, the command line and tests judge alike. */
import { StackForecast } from '../economics/evaluate';

export type Severity = 'error' | 'warning' | 'info';

/** In profile `strict` what cannot be proved is an error. */
export type Profile = 'default' | 'strict';

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly stack: string;
  /** Construct path, or stack and logical id for templates that never knew a construct. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

export interface Rule {
  readonly id: string;
  readonly title: string;
  evaluate(forecast: StackForecast, profile: Profile): Finding[];
}

/** Where a stack's findings about its economics as a whole belong. */
export const economicsPath = ({ stack }: StackForecast): string => stack.declaration.economics?.path ?? stack.name;
export const workflowPath = (forecast: StackForecast, workflow: { readonly id: string; readonly path?: string }): string =>
  workflow.path ?? `${forecast.stack.name}/${workflow.id}`;
