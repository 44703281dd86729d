/** All rules, and their run over the forecasts of one stage. */
import { StackForecast } from '../economics/evaluate';
import { cap001 } from './cap001';
import { cap002 } from './cap002';
import { cost001 } from './cost001';
import { gpu001 } from './gpu001';
import { margin001 } from './margin001';
import { margin002 } from './margin002';
import { margin003 } from './margin003';
import { Finding, Profile, Rule } from './rule';

export const RULES: readonly Rule[] = [margin001, margin002, margin003, cost001, cap001, cap002, gpu001];

export const check = (forecasts: readonly StackForecast[], profile: Profile = 'default'): Finding[] =>
  forecasts.flatMap(forecast => RULES.flatMap(rule => rule.evaluate(forecast, profile)));
