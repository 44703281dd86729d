/** What models answer to the questions: right, wrong in a way that a check of the answer can see, or wrong without any sign. */
import { Kind, Question } from './questions';

export const FLAWS = ['cut', 'refusal', 'wrong-sum', 'no-json', 'no-field', 'no-source'] as const;
/** unseen: wrong, and nothing shows it. */
export type Verdict = 'good' | 'unseen' | (typeof FLAWS)[number];

export interface Written {
  readonly content: string;
  readonly finishReason: 'stop' | 'length';
}

/** What goes wrong with an answer to such a question, by weight. */
export const WRONG: Readonly<Record<Kind, Readonly<Partial<Record<Verdict, number>>>>> = {
  faq: { unseen: 3, refusal: 1 },
  classify: { unseen: 3, cut: 1 },
  extract: { 'cut': 3, 'no-json': 3, 'no-field': 2, 'unseen': 2 },
  draft: { cut: 4, refusal: 3, unseen: 3 },
  math: { 'wrong-sum': 7, 'unseen': 3 },
  code: { cut: 5, refusal: 1, unseen: 4 },
  rag: { 'no-source': 4, 'refusal': 2, 'unseen': 4 },
};

const REFUSALS = [
  'I\'m sorry, but I can\'t help with that request.',
  'I apologize, but I\'m not able to provide that information.',
  'Unfortunately, I cannot assist with this. Please ask somebody who is responsible for it.',
] as const;

export function answerTo(question: Question, verdict: Verdict): Written {
  if (verdict === 'refusal') return { content: `${REFUSALS[question.ref.length % REFUSALS.length]!} ${account(question)}`.trim(), finishReason: 'stop' };
  const content = BY_KIND[question.kind](question, verdict);
  if (verdict === 'cut') return { content: content.slice(0, Math.ceil(content.length * 0.6)), finishReason: 'length' };
  return { content, finishReason: 'stop' };
}

/** Near the beginning, so that a cut answer has it too. */
const account = ({ mark }: Question): string => mark === '' ? '' : `(account ${mark})`;

const BY_KIND: Readonly<Record<Kind, (question: Question, verdict: Verdict) => string>> = {
  faq: ({ facts }, verdict) => verdict === 'unseen' ? 'That depends on your contract: please look at the last page of it, where all of this is told in detail, or ask whoever has signed it for you.'
    : `${facts.answer!} If anything else is unclear, write to us, and we answer within a working day.`,
  classify: (question, verdict) => {
    const labels = ['billing', 'delivery', 'access', 'quality'];
    const label = verdict === 'unseen' ? labels.find(other => other !== question.facts.label)! : question.facts.label!;
    return `Category: ${label} ${account(question)}\nWhy: what the customer writes about is a matter of ${label}; the other three are not what keeps them from going on, and nothing in the ticket asks for more than one of the teams.`;
  },
  extract: ({ facts, mark, ref }, verdict) => {
    if (verdict === 'no-json') return `Account ${mark}: the invoice is from ${facts.vendor!}, its number is ${ref}, and EUR ${facts.total!} are to be paid at the latest on ${facts.due!}. Tell me if you need it in another form.`;
    const total = verdict === 'no-field' ? {} : { total: verdict === 'unseen' ? Number(facts.total) + 100 : Number(facts.total) };
    const note = 'Each line is as agreed on the telephone with the person who ordered it; none is marked as paid.';
    return JSON.stringify({ account: mark, vendor: facts.vendor, invoice: ref, ...total, currency: 'EUR', due: facts.due, note }, undefined, 2);
  },
  draft: (question, verdict) => {
    const about = verdict === 'unseen' ? 'the news that we have for you' : question.facts.about!;
    return [
      `Subject: ${about} ${account(question)}`, `Dear all,\nwe would like to tell ${question.facts.reader!} about ${about}. It has been prepared for some weeks, and most of you will notice little of it.`,
      'What changes for you: for a short time some of what you are used to will be found in another place, and answers may take a little longer than they do now. Whatever you have agreed with us stays as it is, and nothing has to be signed or sent again.',
      'What we ask of you: please look at your own plans for that week, and tell us early if something of importance falls into it, so that we can find a way around it together.',
      'If you have a question, simply answer this message, or call the team that you already know. We are glad to help, and thank you for your patience.\n\nKind regards,\nthe team',
    ].join('\n\n');
  },
  math: (question, verdict) => {
    const { facts } = question;
    const [boxes, each, broken, price] = [facts.boxes, facts.each, facts.broken, facts.price].map(Number) as [number, number, number, number];
    const all = boxes * each + (verdict === 'wrong-sum' ? 20 : 0);
    const left = verdict === 'unseen' ? all + broken : all - broken;
    return `First the lamps that come ${account(question)}: ${boxes} boxes with ${each} in each, so ${boxes} * ${each} = ${all} lamps.\n`
      + `Then those that are broken, of which there are ${broken}: ${all} ${verdict === 'unseen' ? '+' : '-'} ${broken} = ${left} lamps are there to be sold.\n`
      + `Each of them brings in $${price}: ${left} * ${price} = ${left * price} dollars.\n#### ${left * price}`;
  },
  code: (question, verdict) => {
    const lines = Array.from({ length: 12 }, (_, i) => `  const step${i} = take(rows, ${i}); // part ${i} of the way`);
    return `This function ${question.facts.task!} ${account(question)}:\n\`\`\`ts\nexport function solve(rows: readonly Row[]): Row[] {\n${lines.join('\n')}\n  return merge(rows${verdict === 'unseen' ? '' : '.filter(isKnown)'}, step11);\n}\n\`\`\`\n`
      + 'The condition is handled before the loop, so that the common case stays as quick as it was; a test with an empty list and one with two equal entries would be worth having.';
  },
  rag: (question, verdict) => {
    const { doc, limit } = question.facts;
    const cited = verdict === 'no-source' ? 'doc-977' : doc!;
    return `The limit is ${verdict === 'unseen' ? Number(limit) + 50 : limit!} euros [${cited}]. ${account(question)} The rule that comes with it is told in the same passage of the handbook: what is handed over is written into the log and signed by both sides, `
      + 'and an exception needs the agreement of the head of the department. Where the amount is above the limit, the case is shown to the manager on duty before anything is ordered or paid, and the papers for it are kept with the invoice.';
  },
};
