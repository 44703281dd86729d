/** The language of an answer is told for texts of a sentence and more in twelve languages; what nobody can tell passes. */
import { reason, said } from './answers';
import { SENTENCES } from './sentences';

const all = Object.entries(SENTENCES).flatMap(([language, sentences]) => sentences.map(sentence => [language, sentence] as const));

test.each(all)('%s: %s', (language, sentence) => {
  expect(reason({ kind: 'language', languages: [language] }, said(sentence))).toBeUndefined();
  const others = Object.keys(SENTENCES).filter(other => other !== language);
  expect(reason({ kind: 'language', languages: others }, said(sentence))).toBe(`is in ${language}, not in ${others.join(' or ')}`);
});

test.each([
  'OK', 'Danke schön!', '42', '', 'Order A-1042: 4 × USB-C, 2 × HDMI', 'はい、承知しました。', 'https://example.com/ein/sehr/langer/pfad/zu/einer/seite/mit/deutschen/woertern/darin',
  '```ts\nexport const gesamt = (preise: readonly number[]): number => preise.reduce((summe, preis) => summe + preis, 0); // Summe aller Preise der Bestellung\n```',
  '{"name": "Jörg", "plz": 80331, "ort": "München"}',
])('%j passes, whatever is asked for', text => {
  expect(reason({ kind: 'language', languages: ['fr'] }, said(text))).toBeUndefined();
});

test.each([
  'Your parcel was handed over to the Österreichische Post in Höchst, and Frau Größmann-Müller signed for it. We will refund the shipping today, and you do not have to do anything.',
  'The French term is "sous réserve de l\'article 12 du présent contrat", which means that article 12 of this contract comes first.',
  'Ingredients: jalapeño, crème fraîche, Gruyère and a pinch of piment d\'Espelette. Melt the cheese slowly and stir until it is smooth.',
])('English with names and words of others stays English: %s', text => {
  expect(reason({ kind: 'language', languages: ['en'] }, said(text))).toBeUndefined();
});

test.each([
  'Pt c/o HA x3d, denies N/V/D, afebrile, PERRLA, RRR.',
  'Patient: 54 y/o M, c/o SOB x3d, PMH HTN, DM2. Meds: metformin 500 mg BID, lisinopril 10 mg QD.',
  '72F w/ CHF, COPD, afib on apixaban, p/w 2d worsening DOE, orthopnea, LE edema. BNP 1240. Plan: furosemide 40 mg IV BID, strict I/O.',
  'S/p lap chole POD1, tol clears, pain ctrl w/ PO meds, ambulating, VSS, abd soft, incisions c/d/i.',
  'MRI L-spine: L4-L5 disc protrusion w/ mild canal stenosis, no cord signal abnl.',
  'Echo: EF 35%, mod MR, mild TR, LVH, no effusion. Cath: 80% LAD, 60% RCA.',
  'HEENT: NCAT, EOMI, PERRL, MMM. CV: RRR, no m/r/g. Resp: CTAB. Ext: no c/c/e.',
  'Diagnosis: Diabetes mellitus type 2, hypertensio arterialis, status post appendectomy',
])('a note that nobody can tell passes: %s', text => {
  for (const languages of [['en'], ['de', 'fr']]) expect(reason({ kind: 'language', languages }, said(text))).toBeUndefined();
});

test('English code in a German answer is no English', () => {
  const text = `${SENTENCES.de![4]}\n\n\`\`\`sh\n# hold the button for ten seconds and wait until the light turns green again, then connect to the network\ncurl -X POST http://192.168.0.1/reset\n\`\`\``;
  expect(reason({ kind: 'language', languages: ['de'] }, said(text))).toBeUndefined();
});

test('of JSON the values are judged, not the names', () => {
  const summary = JSON.stringify({ summary_of_the_conversation_with_the_customer: SENTENCES.de![0], recommended_next_action_for_the_agent: SENTENCES.de![2] });
  expect(reason({ kind: 'language', languages: ['de'] }, said(summary))).toBeUndefined();
  expect(reason({ kind: 'language', languages: ['en'] }, said(summary))).toBe('is in de, not in en');
});
