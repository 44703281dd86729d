/** What a product's users ask: questions of seven kinds, and what of each has to be right in an answer to it. */
import { Random } from './random';

export const KINDS = ['faq', 'classify', 'extract', 'draft', 'math', 'code', 'rag'] as const;
export type Kind = (typeof KINDS)[number];

/** hard: of a customer whose questions are too much for a small model more often. outage: the cheap model itself is in a bad state. */
export type Times = 'usual' | 'hard' | 'outage';

export interface Question {
  readonly kind: Kind;
  /** Stands in the user's last words; '' of a question from the list of those that a rule answers. */
  readonly ref: string;
  /** The tenant's own name for itself, which its answers repeat; '' where the prompt has none. */
  readonly mark: string;
  /** How much of it is too much for the cheap model. */
  readonly times: Times;
  /** The user's last words. */
  readonly text: string;
  /** What the answer turns on. */
  readonly facts: Readonly<Record<string, string>>;
  /** Earlier messages, system prompt left out. */
  readonly history: readonly Message[];
}

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

export interface Asker {
  readonly ref: string;
  readonly mark: string;
  readonly times: Times;
}

const PRODUCTS = ['Harbour', 'Lumen', 'Quill', 'Tandem', 'Orchard', 'Beacon'] as const;

/** Questions with one right answer, which rules of a route have too: from a list, by a template and by a pattern. */
export const LISTED: Readonly<Record<string, string>> = {
  'What are your opening hours?': 'We are open Monday to Friday from 8:00 to 18:00, and on Saturday from 9:00 to 13:00.',
  'How do I cancel my subscription?': 'Open Settings, choose Billing, then Cancel subscription. It ends with the month that is paid for.',
  'Do you offer refunds?': 'Yes: within 30 days of the purchase the full price is refunded to the card it was paid with.',
  'Which browsers are supported?': 'The two latest versions of Chrome, Edge, Firefox and Safari.',
  'Is my data encrypted?': 'Yes: in transit with TLS 1.3, and at rest with AES-256.',
  'How can I reach support?': 'By e-mail at any time, and by telephone in our opening hours. Both are under Help, Contact.',
};
export const RESET = { text: 'How do I reset my {product} password?', answer: 'On the sign-in page of {product}, choose Forgot password and follow the link in the e-mail.' };
export const ORDER = { pattern: 'where is order (?<order>[A-Z]{2}-\\d{6})\\??', answer: 'Order $<order> is shown with its parcel number under Orders, Track.' };

function faq(random: Random, asker: Asker): Question {
  const which = random.next();
  const product = random.of(PRODUCTS);
  const order = `${random.of(['AB', 'KL', 'XY'])}-${random.between(100_000, 999_999)}`;
  const [text, answer] = which < 0.5 ? random.of(Object.entries(LISTED))
    : which < 0.75 ? [RESET.text.replace('{product}', product), RESET.answer.replace('{product}', product)]
      : [`Where is order ${order}?`, ORDER.answer.replace('$<order>', order)];
  return { ...asker, kind: 'faq', ref: '', mark: '', text, facts: { answer: answer! }, history: [] };
}

const COMPLAINTS = {
  billing: ['I was charged twice for the same month, and the second charge has not come back yet', 'the invoice shows a seat that we gave up in spring, although the portal does not list it any more'],
  delivery: ['the parcel was marked as delivered, but nobody at the front desk has seen it', 'the courier came when the office was closed, and the new date is after the event it was for'],
  access: ['since the update I cannot sign in with the company account, while the private one still works', 'the link for the second factor never arrives, and the backup codes are with a colleague on leave'],
  quality: ['the export has empty columns whenever the filter by region is on', 'the report takes minutes to open, and then the last two weeks are missing from its chart'],
} as const;
const GREETINGS = ['Good morning,', 'Hello,', 'Hi team,', 'To whom it may concern,'] as const;
const CLOSINGS = ['Could you look into it today?', 'Please tell me what you need from us.', 'We have a board meeting on Thursday and need this before it.', 'Thank you for a quick answer.'] as const;

function classify(random: Random, asker: Asker): Question {
  const label = random.of(Object.keys(COMPLAINTS) as (keyof typeof COMPLAINTS)[]);
  const text = `Classify this ticket as one of billing, delivery, access, quality.\nTicket ${asker.ref}: ${random.of(GREETINGS)} ${random.of(COMPLAINTS[label])}. ${random.of(CLOSINGS)}`;
  return { ...asker, kind: 'classify', text, facts: { label }, history: [] };
}

const VENDORS = ['Northwind Paper', 'Alder & Sons', 'Brightwell Lighting', 'Kestrel Freight', 'Mason Catering'] as const;
const LINES = ['delivery within the city', 'two pallets of paper', 'maintenance of the lifts', 'catering for the open day', 'spare parts for the printers', 'cleaning of the store rooms'] as const;

function extract(random: Random, asker: Asker): Question {
  const vendor = random.of(VENDORS);
  const total = `${random.between(40, 9_000)}.${random.between(10, 99)}`;
  const due = `2026-0${random.between(1, 9)}-1${random.between(0, 9)}`;
  const lines = Array.from({ length: random.between(3, 12) }, (_, i) => `${i + 1}. ${random.of(LINES)}, ${random.between(2, 40)} units, as agreed on the telephone with the person who ordered it`);
  const text = `Extract the invoice below as JSON with vendor, invoice, total, currency, due and account.\n\n${vendor}\nInvoice ${asker.ref}\n${lines.join('\n')}\nTotal to be paid: EUR ${total}, at the latest on ${due}.`;
  return { ...asker, kind: 'extract', text, facts: { vendor, total, due }, history: [] };
}

const OCCASIONS = ['the planned maintenance on Sunday night', 'the new colleague in the support team', 'the change of the delivery partner', 'the results of the customer survey', 'the move of the office in October'] as const;
const READERS = ['our customers', 'the whole team', 'the suppliers', 'the regional managers'] as const;

function draft(random: Random, asker: Asker): Question {
  const [about, reader] = [random.of(OCCASIONS), random.of(READERS)];
  const text = `Draft a short message to ${reader} about ${about} (ref ${asker.ref}). Keep it friendly, name what changes for them, and end with whom they can ask.`;
  return { ...asker, kind: 'draft', text, facts: { about, reader }, history: [] };
}

function math(random: Random, asker: Asker): Question {
  const [boxes, each, broken, price] = [random.between(12, 60), random.between(6, 24), random.between(3, 30), random.between(2, 9)];
  const text = `A shop (ref ${asker.ref}) gets ${boxes} boxes with ${each} lamps in each box, but ${broken} lamps are broken and are sent back. If every lamp that is left is sold for $${price}, how many dollars does the shop take when all of them are sold? Show the sums, and give the result behind ####.`;
  return { ...asker, kind: 'math', text, facts: { boxes: `${boxes}`, each: `${each}`, broken: `${broken}`, price: `${price}` }, history: [] };
}

const TASKS = ['groups orders by month', 'merges two sorted lists', 'finds the first gap in a list of numbers', 'retries a call with growing pauses', 'parses a line of CSV with quotes'] as const;
const CONDITIONS = ['an empty list is given', 'two entries are equal', 'the input is not sorted', 'one value is missing', 'the list has a million entries'] as const;

function code(random: Random, asker: Asker): Question {
  const task = random.of(TASKS);
  const snippet = Array.from({ length: random.between(4, 30) }, (_, i) => `  const part${i} = rows.filter(row => row.kind === ${random.between(1, 99)} && row.open).map(row => row.amount);`);
  const text = `Write a TypeScript function that ${task} (ref ${asker.ref}), and that works when ${random.of(CONDITIONS)}. It is called from this code:\n\`\`\`ts\nfunction caller(rows) {\n${snippet.join('\n')}\n}\n\`\`\``;
  return { ...asker, kind: 'code', text, facts: { task }, history: [] };
}

const TOPICS = ['returns', 'warranty', 'transport', 'storage', 'payment', 'training', 'maintenance', 'insurance'] as const;
const RULES = [
  'Whoever hands over goods writes the date, the place and the state of the packaging into the log, and both sides sign it.',
  'An exception is possible when the head of the department agrees in writing, and it ends with the quarter in which it was given.',
  'What is damaged on the way is photographed before it is unpacked, since the carrier asks for the pictures within a week.',
  'For orders from abroad the papers for customs are kept with the invoice, and a copy goes to the tax office of the region.',
  'The service team answers within one working day, and a case that stays open for longer is shown to the manager on duty.',
  'Spare parts are kept for seven years, after which the maker of the device is asked whether others fit in their place.',
  'Every new colleague is shown the procedure in the first week, and the training is repeated when the procedure changes.',
] as const;

/** A passage of the handbook; always the same for its number. */
function passage(doc: number): string {
  const random = new Random(doc * 7919);
  const rules = Array.from({ length: 3 }, () => random.of(RULES));
  return `[doc-${doc}] Handbook, ${TOPICS[doc % TOPICS.length]}, section ${doc}. ${rules.join(' ')} The limit of section ${doc} is ${100 + (doc * 37) % 900} euros.`;
}

const DOCS = 60;

/** A chat over a handbook: each turn comes with the passages that were found for it, many of them once more. */
function rag(random: Random, asker: Asker): Question {
  const doc = random.between(1, DOCS);
  const turns = random.between(0, 5);
  const about = random.between(1, DOCS);
  const found = (): number[] => Array.from({ length: random.between(1, 2) }, () => random.happens(0.5) ? about : random.between(1, DOCS));
  const history = Array.from({ length: turns }, (): Message[] => {
    const asked = random.between(1, DOCS);
    return [
      { role: 'user', content: `Context:\n\n${[...new Set([...found(), asked])].map(passage).join('\n\n')}\n\nQuestion: what is the limit of section ${asked}?` },
      { role: 'assistant', content: `The limit of section ${asked} is ${100 + (asked * 37) % 900} euros, as the handbook says [doc-${asked}].` },
    ];
  }).flat();
  // Now and then the passage was only found for an earlier turn.
  const earlier = turns > 0 && random.happens(0.06);
  const turn = 2 * random.between(0, Math.max(turns - 1, 0));
  if (earlier) history[turn] = { role: 'user', content: `${passage(doc)}\n\n${history[turn]!.content}` };
  const last = [...found().filter(other => other !== doc), ...earlier ? [] : [doc]].map(passage);
  const text = `Context:\n\n${[...last, ...random.happens(0.5) ? last.slice(0, 1) : []].join('\n\n')}\n\nQuestion (ref ${asker.ref}): what is the limit of section ${doc}, and which rule comes with it? Cite the passage.`;
  return { ...asker, kind: 'rag', text, facts: { doc: `doc-${doc}`, limit: `${100 + (doc * 37) % 900}`, needed: `The limit of section ${doc} is` }, history };
}

const MAKERS: Readonly<Record<Kind, (random: Random, asker: Asker) => Question>> = { faq, classify, extract, draft, math, code, rag };

export const questionOf = (kind: Kind, random: Random, asker: Asker): Question => MAKERS[kind](random, asker);
