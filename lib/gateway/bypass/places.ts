/** The places of an answer that are filled with what the question had: `{slot}` of a template, `$1` and `$<name>` of a regular expression. */
export type Placed = 'template' | 'regex';

const PLACES: Readonly<Record<Placed, RegExp>> = { template: /\{([A-Za-z_]\w{0,62})\}/g, regex: /\$(\d+|<[^<>]*>|\$)/g };

/** By name, as it stands in its place: `slot`, `1`, `<name>`. `$$` is one dollar. */
export const placesIn = (text: string, kind: Placed): string[] => [...text.matchAll(PLACES[kind])].map(([, name = '']) => name).filter(name => name !== '$');

/** The text around and between the slots. */
export const aroundSlots = (text: string): string[] => text.split(PLACES.template).filter((_, i) => i % 2 === 0);

/**
 * With `inJson`, values are written as parts of JSON strings: a quotation mark in a question must not end a string of the answer
 * and begin a field of its own.
 */
export const fill = (answer: string, kind: Placed, values: ReadonlyMap<string, string>, inJson: boolean): string =>
  answer.replace(PLACES[kind], (place: string, name: string) => {
    if (name === '$') return name;
    const value = values.get(name) ?? place;
    return inJson ? JSON.stringify(value).slice(1, -1) : value;
  });
