/** Finish reason, length, pattern and refusal on answers as models give them. */
import { called, reason, said } from './answers';

test.each(['stop', 'tool_calls', 'function_call'])('finish reason %s passes', finish => {
  expect(reason({ kind: 'finish-reason' }, said('Done.', { finish_reason: finish }))).toBeUndefined();
});
test.each([['length', 'ended by length'], ['content_filter', 'ended by content_filter'], [null, 'ended by no reason'], ['Eve Smith', 'ended by a reason unknown here']])('finish reason %s does not', (finish, why) => {
  expect(reason({ kind: 'finish-reason' }, said('The total for invoice 2024-118 is', { finish_reason: finish }))).toBe(why);
});

describe('length', () => {
  test.each([['Yes.', 'has 4 characters, fewer than 5'], ['  Yes.  \n', 'has 4 characters, fewer than 5'], ['Your parcel arrives on Thursday.', 'has 32 characters, more than 20'], ['👍👍👍👍', 'has 4 characters, fewer than 5'], ['', 'has 0 characters, fewer than 5']])('%j', (text, why) => {
    expect(reason({ kind: 'length', min: 5, max: 20 }, said(text))).toBe(why);
  });
  test.each(['Paid.', '12345678901234567890', 'Ordered, thank you'])('%j passes', text => {
    expect(reason({ kind: 'length', min: 5, max: 20 }, said(text))).toBeUndefined();
  });
  test('a call of a tool is no short answer', () => {
    expect(reason({ kind: 'length', min: 50 }, called('look_up', '{}', 'Let me see.'))).toBeUndefined();
  });
});

describe('regex', () => {
  const FINAL = { kind: 'regex', pattern: String.raw`####\s*-?\$?\d` } as const;
  test.each(['15 + 25 = 40\n#### 40', '#### $1,300', '####-3'])('%j has its final number', text => expect(reason(FINAL, said(text))).toBeUndefined());
  test.each(['She has 15 + 25 = <<15+2', '#### none', '## 40'])('%j has not', text => expect(reason(FINAL, said(text))).toBe('has no match of the pattern'));

  const NO_CARD = { kind: 'regex', pattern: String.raw`\b\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\b`, absent: true } as const;
  test('what must not be said', () => {
    expect(reason(NO_CARD, said('We refunded 42.10 EUR to your card ending in 4242.'))).toBeUndefined();
    expect(reason(NO_CARD, said('We refunded your card 4242 4242 4242 4242.'))).toBe('has a match of the pattern');
    expect(reason(NO_CARD, called('refund', '{}', 'Refunding 4242 4242 4242 4242.'))).toBe('has a match of the pattern');
  });
  test('flags are as configured', () => {
    expect(reason({ kind: 'regex', pattern: '^diagnosis:', flags: 'im' }, said('Patient: 54, male\nDIAGNOSIS: angina'))).toBeUndefined();
    expect(reason({ kind: 'regex', pattern: '^diagnosis:' }, said('Patient: 54, male\nDIAGNOSIS: angina'))).toBe('has no match of the pattern');
  });
  test('what is asked of the text is not asked of a call of a tool', () => expect(reason(FINAL, called('look_up', '{}'))).toBeUndefined());
});

describe('refusal', () => {
  test.each([
    'I\'m sorry, but I can\'t help with that.',
    'I’m sorry, but I can’t assist with that request.',
    'I cannot provide medical advice. Please see a doctor about the chest pain.',
    'As an AI language model, I don\'t have access to real-time data such as today\'s exchange rate.',
    'Unfortunately, I am unable to answer this question based on the given documents.',
    'I apologize, but I\'m not able to provide specific legal advice on the termination clause.',
    'Sorry, I can\'t do that.',
    'I understand this is urgent, but I can\'t create content that targets a person.',
    '**I won\'t help with this.** It could hurt somebody.',
    'I don\'t have enough information to answer. Please give me the invoice.',
    'Thank you for your question. However, I cannot provide legal advice.',
    'I must decline to answer this.',
    'I\'m not comfortable writing explicit content.',
    'Hello! I\'m afraid I can\'t help you with your request.',
    'I\'m just an AI language model, so I cannot provide a medical diagnosis.',
    'This request violates the usage policies.',
    'I have to decline.',
    'I can\'t help with that, but I can suggest a helpline. However, please call a doctor first.',
    'I cannot provide medical advice, but I hope that your doctor can: please ask one today.',
    'I can\'t do this. Please ask your manager, today if you can.',
  ])('%j is one', text => {
    expect(reason({ kind: 'refusal' }, said(text))).toBe('begins with a refusal');
  });

  test.each([
    'I can\'t believe how well this turned out: the new checkout converts 14% more visitors.',
    'I can\'t help but notice that the two invoices carry the same number.',
    'I cannot recommend this hotel enough; the staff were wonderful.',
    'I can help with that! Please send me your order number.',
    'I\'m sorry to hear that your parcel is late. It left our warehouse this morning and should arrive by Thursday.',
    'Sorry for the delay. Your refund of $42.10 was issued today.',
    'Unfortunately, your plan does not include phone support. You can upgrade under Settings.',
    'Dear Tom,\n\nthank you for the invitation. Unfortunately, I am unable to attend the meeting on Friday, and I can\'t help with the slides either.\n\nBest,\nAnna',
    'Here is a polite reply:\n\n"I\'m sorry, but I can\'t help with that this week. Could we talk on Monday?"',
    'Subject: Friday\n\nI\'m afraid I can\'t assist with the move on Friday.',
    'The patient states: "I cannot answer the door without chest pain." Dyspnea on exertion, no edema.',
    'Unfortunately, I must decline the meeting on Friday, but I could join on Monday.',
    'I\'m sorry, but I can\'t do that this week. Could we move the meeting to Thursday?',
    'I\'m afraid I can\'t help with this. Could we ask Ben?\n\nKind regards,\nAnna',
    'Unfortunately, I have to decline. Thank you for the invitation.',
    'Unfortunately, I won\'t be able to give this presentation on Friday.',
    'I don\'t have access to your calendar, but based on what you pasted, the first free slot is Tuesday at 3 pm.',
    'I can\'t do this for you, but here are the steps: open Settings, then Payments.',
    `I cannot provide medical advice. In short: ${'Adults with mild pain take it with food and drink enough. '.repeat(26)}`,
    'I won\'t lie: the migration takes a weekend.',
    'I understand your concern. Your data is encrypted at rest and in transit.',
    'As an AI researcher, you will find three surveys useful.',
    'I was unable to reproduce the crash with version 2.4, but the log points at a closed socket.',
    '',
  ])('%j is none', text => {
    expect(reason({ kind: 'refusal' }, said(text))).toBeUndefined();
  });

  test('a provider\'s own field tells', () => {
    expect(reason({ kind: 'refusal' }, { choices: [{ message: { content: null, refusal: 'I cannot do that.' }, finish_reason: 'stop' }] })).toBe('is the provider\'s own refusal');
  });
  test('beside a call of a tool it is a remark', () => {
    expect(reason({ kind: 'refusal' }, called('look_up', '{}', 'I don\'t have access to your orders by myself, so I look them up.'))).toBeUndefined();
  });
});
