/** A workflow's route, ready for calls: its rules compiled once, and what it learns of its calls. */
import { RouteConfig } from '../../contracts/gateway-route';
import { Bypass } from '../bypass/bypass';
import { Checks } from '../checks/checks';
import { TaskClasses } from '../choice/task-class';
import { TierChooser } from '../choice/tier-chooser';
import { TokenCounter } from '../prompt/token-counter';

export interface LiveRoute {
  readonly config: RouteConfig;
  readonly bypass: Bypass;
  readonly checks: Checks;
  readonly classes: TaskClasses;
  readonly chooser: TierChooser;
  /** Changes with everything of the configuration that decides an answer: of another one's answers none is given. */
  readonly policy: string;
  /** undefined: prompts are not counted. */
  readonly countTokens: TokenCounter | undefined;
}
