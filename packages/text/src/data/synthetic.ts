import type { Random } from '@qb-heat/training';
import { createRandom } from '@qb-heat/training';
import type { TextDataset, TextSplit } from './text-dataset.ts';

export interface SyntheticTextOptions {
  /** 4,000 texts by default. */
  readonly numTrain?: number;
  /** 1,000 texts by default. */
  readonly numTest?: number;
  /** 0 by default. */
  readonly seed?: number;
}

interface Topic {
  readonly name: string;
  /** Regular nouns; the plural adds an s. */
  readonly nouns: readonly string[];
  /** Regular verbs that take an object; the singular adds an s. */
  readonly verbs: readonly string[];
  readonly adjectives: readonly string[];
  readonly places: readonly string[];
}

const topics: readonly Topic[] = [
  topic(
    'farm',
    'farmer cow tractor goat field horse',
    'feed plough milk harvest',
    'muddy fertile hungry',
    'barn meadow',
  ),
  topic(
    'sea',
    'sailor boat whale anchor fisher gull',
    'steer rescue hook follow',
    'salty stormy rusty',
    'harbour reef',
  ),
  topic(
    'court',
    'judge lawyer juror law verdict clerk',
    'accuse defend question sentence',
    'guilty solemn legal',
    'courtroom prison',
  ),
  topic(
    'kitchen',
    'cook pot recipe onion waiter knife',
    'boil season slice taste',
    'spicy fresh greasy',
    'restaurant pantry',
  ),
  topic(
    'space',
    'pilot rocket planet probe comet engineer',
    'steer orbit observe repair',
    'distant icy bright',
    'station crater',
  ),
  topic(
    'school',
    'teacher pupil lesson book exam tutor',
    'advise praise correct explain',
    'clever lazy strict',
    'classroom library',
  ),
  topic(
    'music',
    'singer violin drummer song choir band',
    'play record rehearse admire',
    'loud gentle famous',
    'studio theatre',
  ),
  topic('forest', 'hunter wolf hiker oak owl ranger', 'track chase climb spot', 'wild mossy shy', 'cabin clearing'),
];

const common = topic(
  'common',
  'neighbour visitor friend stranger report letter',
  'see remember ignore help',
  'old new small quiet strange',
  'village road bridge',
);

function topic(name: string, nouns: string, verbs: string, adjectives: string, places: string): Topic {
  const [n, v, a, p] = [nouns, verbs, adjectives, places].map((words) => words.split(' ')) as [
    string[],
    string[],
    string[],
    string[],
  ];
  return { name, nouns: n, verbs: v, adjectives: a, places: p };
}

/** Shares of words from the text's own topic and from any topic; the rest are common words. */
const ownShare = 0.4;
const anyShare = 0.3;

/**
 * Generated English-like text for use without any files: two to four sentences about one of eight topics, the class.
 * Verbs agree in number with subjects that stand several words before them, and a pronoun in the next sentence with the
 * subject of the last. Words stray into other topics, so that single words are weak evidence of the class.
 *
 * The same seed gives the same texts on every machine; training and test texts are drawn independently.
 */
export function generateText(options: SyntheticTextOptions = {}): TextDataset {
  const { numTrain = 4000, numTest = 1000, seed = 0 } = options;
  const random = createRandom(seed).fork('synthetic text');
  return {
    name: 'synthetic text',
    synthetic: true,
    classes: topics.map(({ name }) => name),
    train: generateSplit(random.fork('train'), numTrain),
    test: generateSplit(random.fork('test'), numTest),
    notes: [`generated from a grammar with seed ${seed}`],
  };
}

function generateSplit(random: Random, count: number): TextSplit {
  const labels = Int32Array.from({ length: count }, (_, index) => index % topics.length);
  random.fork('labels').shuffle(labels);
  const texts = Array.from(labels, (label, index) => writeText(random.fork(index), topics[label]!));
  return { texts, labels };
}

function writeText(random: Random, own: Topic): string {
  const words = new Lexicon(random, own);
  const sentences: string[] = [];
  const numSentences = 2 + random.integer(3);
  let wasPlural = random.uniform() < 0.5;
  for (let index = 0; index < numSentences; index++) {
    // The pronoun takes up the number of the last subject, which may stand a whole sentence back.
    const isPronoun = index > 0 && random.uniform() < 0.4;
    const isPlural = isPronoun ? wasPlural : random.uniform() < 0.5;
    const subject = isPronoun ? (isPlural ? 'they' : 'it') : words.subject(isPlural);
    sentences.push(`${subject} ${words.predicate(isPlural)}.`);
    wasPlural = isPlural;
  }
  return sentences.join(' ');
}

/** Draws phrases about a topic. */
class Lexicon {
  readonly #random: Random;
  readonly #own: Topic;

  constructor(random: Random, own: Topic) {
    this.#random = random;
    this.#own = own;
  }

  /** A noun phrase whose noun may be several words away from the verb that has to agree with it. */
  subject(isPlural: boolean): string {
    const head = this.#nounPhrase(isPlural);
    const draw = this.#random.uniform();
    if (draw < 0.3) return `${head} ${this.#place()}`;
    if (draw < 0.5) {
      const innerIsPlural = this.#random.uniform() < 0.5;
      return `${head} that ${this.#nounPhrase(innerIsPlural)} ${this.#verb(innerIsPlural)}`;
    }
    return head;
  }

  predicate(isPlural: boolean): string {
    const object = this.#nounPhrase(this.#random.uniform() < 0.5);
    const first = `${this.#verb(isPlural)} ${object}`;
    const draw = this.#random.uniform();
    if (draw < 0.25) return `${first} ${this.#place()}`;
    if (draw < 0.45) return `${first} and ${this.#verb(isPlural)} ${this.#nounPhrase(this.#random.uniform() < 0.5)}`;
    return first;
  }

  #nounPhrase(isPlural: boolean): string {
    const determiner = this.#pick(isPlural ? ['the', 'these', 'some', 'many'] : ['the', 'this', 'one', 'every']);
    const adjective = this.#random.uniform() < 0.4 ? [this.#word('adjectives')] : [];
    const noun = this.#word('nouns') + (isPlural ? 's' : '');
    return [determiner, ...adjective, noun].join(' ');
  }

  #place(): string {
    return `${this.#pick(['near', 'behind', 'in', 'beside'])} the ${this.#word('places')}`;
  }

  #verb(isPlural: boolean): string {
    return this.#word('verbs') + (isPlural ? '' : 's');
  }

  #word(kind: 'nouns' | 'verbs' | 'adjectives' | 'places'): string {
    const draw = this.#random.uniform();
    const source = draw < ownShare ? this.#own : draw < ownShare + anyShare ? this.#pick(topics) : common;
    return this.#pick(source[kind]);
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.integer(items.length)]!;
  }
}
