/** What bypass rules must hold beyond their schema, so that a mistake shows when the configuration is read and not in an answer. */
import { BypassRule } from '../../contracts/gateway-route';
import { patternProblem } from '../patterns';
import { spaced } from './bypass';
import { groupsOf } from './patterns';
import { aroundSlots, placesIn } from './places';

/** Each problem in a sentence with its place. */
export function bypassProblems(rules: readonly BypassRule[], place: string): string[] {
  const ids = rules.map(({ id }) => id);
  return [
    ...twice(ids).map(id => `${place} has ${id} twice: leave one out, or tell them apart, since the usage record names the rule`),
    ...rules.flatMap((rule, i) => ruleProblems(rule, `${place}.${i} (${rule.id})`)),
  ];
}

function ruleProblems(rule: BypassRule, place: string): string[] {
  switch (rule.kind) {
    case 'lookup': return lookupProblems(Object.keys(rule.answers).map(spaced), place);
    case 'template': return [
      ...aroundSlots(rule.text).slice(1, -1).some(between => between === '') ? [`${place}.text has two slots with nothing in between: nobody can tell where the first one ends`] : [],
      ...unknown(placesIn(rule.answer, 'template'), placesIn(rule.text, 'template'), name => `{${name}}`).map(problem => `${place}.answer has ${problem}`),
    ];
    case 'regex': return patternProblems(rule, place) ?? unknown(placesIn(rule.answer, 'regex'), groupsOf(rule.pattern, rule.flags), name => `$${name}`)
      .map(problem => `${place}.answer has ${problem}; a dollar that is meant is written as $$`);
    case 'function': return rule.pattern === undefined ? [] : patternProblems({ pattern: rule.pattern, flags: rule.flags }, place) ?? [];
  }
}

function lookupProblems(texts: readonly string[], place: string): string[] {
  if (texts.length === 0) return [`${place}.answers is empty: give at least one text and its answer`];
  return [
    ...texts.includes('') ? [`${place}.answers has a text of white space only, which no call has: leave it out`] : [],
    ...twice(texts).map(text => `${place}.answers has ${JSON.stringify(text.slice(0, 60))} twice, apart from white space: leave one out`),
  ];
}

/** undefined: there is none. */
function patternProblems({ pattern, flags }: { readonly pattern: string; readonly flags: string }, place: string): string[] | undefined {
  const problem = patternProblem(pattern, flags, `${place}.pattern`);
  return problem === undefined ? undefined : [problem];
}

const unknown = (given: readonly string[], known: readonly string[], shown: (name: string) => string): string[] => [...new Set(given)]
  .filter(name => !known.includes(name))
  .map(name => `${shown(name)}, which its question has not; known are ${[...new Set(known)].map(shown).join(', ') || 'none'}`);

const twice = (names: readonly string[]): string[] => [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
