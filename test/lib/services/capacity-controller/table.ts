/** One DynamoDB table in memory behind UpdateItem: evaluates the conditions and updates it is sent, and refuses what it cannot read. */
import { Answer, Asked, json } from './aws-server';

type Value = { readonly S: string } | { readonly N: string } | { readonly L: readonly Value[] };
type Item = Record<string, Value>;

export class Table {
  public readonly items = new Map<string, Item>();

  public update(body: Asked['body']): Answer {
    const { Key, UpdateExpression, ConditionExpression, ExpressionAttributeValues = {}, ReturnValues } = body as unknown as {
      Key: { group: { S: string } }; UpdateExpression: string; ConditionExpression?: string; ExpressionAttributeValues?: Item; ReturnValues?: string;
    };
    const key = Key.group.S;
    const before: Item = this.items.get(key) ?? { group: Key.group };
    if (ConditionExpression !== undefined && !ConditionExpression.split(' OR ').some(clause => holds(clause, before, ExpressionAttributeValues))) {
      return { status: 400, text: '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed"}' };
    }
    const after = updated(before, UpdateExpression, ExpressionAttributeValues);
    this.items.set(key, after);
    return json(ReturnValues === 'ALL_NEW' ? { Attributes: after } : {});
  }
}

/** A comparison with an attribute that is not there does not hold, nor one of different types. */
function holds(clause: string, item: Item, values: Item): boolean {
  const absent = /^attribute_not_exists\((\w+)\)$/.exec(clause);
  if (absent) return item[absent[1]!] === undefined;
  const [, name, operator, value] = /^(\w+) (=|<) (:\w+)$/.exec(clause) ?? unreadable(clause);
  const [left, right] = [item[name!], values[value!] ?? unreadable(clause)];
  if (left === undefined) return false;
  if ('S' in left && 'S' in right) return operator === '=' ? left.S === right.S : left.S < right.S;
  return 'N' in left && 'N' in right && (operator === '=' ? Number(left.N) === Number(right.N) : Number(left.N) < Number(right.N));
}

function updated(before: Item, expression: string, values: Item): Item {
  const after = { ...before };
  const [, sets = '', removals = ''] = /^(?:SET (.+?))?(?: ?REMOVE (.+))?$/.exec(expression) ?? unreadable(expression);
  for (const assignment of split(sets)) {
    const [, name, appended, value] = /^(\w+) = (?:list_append\(if_not_exists\(\1, (:\w+)\), )?(:\w+)\)?$/.exec(assignment) ?? unreadable(assignment);
    const given = values[value!] ?? unreadable(assignment);
    after[name!] = appended === undefined ? given : { L: [...listOf(before[name!] ?? values[appended]!), ...listOf(given)] };
  }
  // Places are those of the item as it was, whatever the order.
  const places = new Map<string, Set<number>>();
  for (const path of split(removals)) {
    const [, name, place] = /^(\w+)(?:\[(\d+)\])?$/.exec(path) ?? unreadable(path);
    if (place === undefined) delete after[name!];
    else places.set(name!, (places.get(name!) ?? new Set()).add(Number(place)));
  }
  for (const [name, gone] of places) after[name] = { L: listOf(after[name]!).filter((_, i) => !gone.has(i)) };
  return after;
}

const listOf = (value: Value): readonly Value[] => 'L' in value ? value.L : unreadable(JSON.stringify(value));
/** At commas outside of parentheses. */
const split = (list: string): string[] => list === '' ? [] : list.split(/, (?![^(]*\))/);

function unreadable(expression: string): never {
  throw new Error(`The table of the test does not know the expression ${expression}`);
}
