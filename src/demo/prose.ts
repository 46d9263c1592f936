import { between, pick, type Random } from './random.js';

const words: Readonly<Record<string, readonly string[]>> = {
  adjective: 'quiet early patient crooked honest narrow borrowed careful distant ordinary stubborn bright'.split(' '),
  noun: 'harbour garden kettle letter bridge orchard notebook station window kitchen map clock river market'.split(' '),
  person: ['a neighbour', 'my sister', 'the gardener', 'an old friend', 'the postman', 'somebody', 'the baker'],
  verb: 'mended painted measured forgot carried found drew repaired visited described kept moved'.split(' '),
  place: ['by the canal', 'in the old town', 'at the market', 'behind the station', 'up the hill', 'near the coast'],
  time: ['Last winter', 'Every Sunday', 'This morning', 'For years', 'Before the rain came', 'On the way home'],
  lesson: ['patience pays', 'small steps are enough', 'nobody minds a draft', 'it is worth asking', 'less was more'],
};

const sentences = [
  '{time}, {person} {verb} the {adjective} {noun} {place}.',
  'The {noun} {place} was more {adjective} than any {noun} I knew.',
  'It took {person} a whole week, and in the end {lesson}.',
  '{time} I {verb} a {noun}, and {person} {verb} another.',
  'There is nothing {adjective} about a {noun} that {person} {verb} with care.',
  'What I learned {place} is that {lesson}.',
];

const titles = [
  'The {adjective} {noun}',
  'Notes on a {adjective} {noun}',
  'How {person} {verb} the {noun}',
  'A {noun} {place}',
  'What the {noun} taught me: {lesson}',
];

export function makeTitle(random: Random): string {
  return fill(pick(random, titles), random);
}

/** Two to four paragraphs. */
export function makeBody(random: Random): string {
  return Array.from({ length: between(random, 2, 4) }, () => makeParagraph(random)).join('\n\n');
}

function makeParagraph(random: Random): string {
  return Array.from({ length: between(random, 2, 4) }, () => fill(pick(random, sentences), random)).join(' ');
}

function fill(pattern: string, random: Random): string {
  return pattern.replace(/\{(\w+)\}/g, (_match, kind: string) => pick(random, words[kind] ?? []));
}
