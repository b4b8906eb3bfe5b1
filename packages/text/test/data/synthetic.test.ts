import { describe, expect, it } from 'vitest';
import { generateText } from '../../src/data/synthetic.ts';

const small = { numTrain: 400, numTest: 80 };

/** Number of each verb and noun form in the grammar's own convention: plural nouns and singular verbs end in s. */
const singularDeterminers = new Set(['the', 'this', 'one', 'every']);

describe('generateText', () => {
  it('says that it is synthetic, has every class alike and texts of several sentences', () => {
    const { synthetic, classes, train, test } = generateText(small);
    expect(synthetic).toBe(true);
    expect(classes).toHaveLength(8);
    expect(classes.map((_, label) => train.labels.filter((each) => each === label).length)).toEqual(Array(8).fill(50));
    expect(test.texts).toHaveLength(80);
    for (const text of train.texts) expect(text).toMatch(/^([a-z]+( [a-z]+)+\. ?){2,4}$/);
  });

  it('repeats with its seed and differs with another', () => {
    expect(generateText(small)).toEqual(generateText(small));
    expect(generateText({ ...small, seed: 1 }).train.texts).not.toEqual(generateText(small).train.texts);
  });

  it('has no text in both parts', () => {
    const { train, test } = generateText(small);
    const seen = new Set(train.texts);
    expect(test.texts.filter((text) => seen.has(text))).toEqual([]);
  });

  it('lets the pronoun agree with its verb', () => {
    for (const text of generateText(small).train.texts) {
      for (const [, pronoun, verb] of text.matchAll(/\b(it|they) ([a-z]+)/g)) {
        expect(verb!.endsWith('s'), text).toBe(pronoun === 'it');
      }
    }
  });

  it('lets a subject agree with the verb after a relative clause', () => {
    const clause =
      /(?:^|\. )(the|this|one|every|these|some|many)( [a-z]+){1,2}? that (the|this|one|every|these|some|many)/;
    const texts = generateText(small).train.texts.filter((text) => clause.test(text));
    expect(texts.length).toBeGreaterThan(20);
    for (const text of texts) {
      const words = text.slice(clause.exec(text)!.index).replace(/^\. /, '').split(/[ .]+/);
      const that = words.indexOf('that');
      const isPlural = words[that - 1]!.endsWith('s');
      if (words[0] !== 'the') expect(isPlural, text).toBe(!singularDeterminers.has(words[0]!));
      // "that", determiner, perhaps an adjective, noun, its verb, then the verb of the subject.
      const tail = words.slice(that + 1);
      const verbs = [3, 4].map((place) => tail[place]!.endsWith('s'));
      expect(verbs, text).toContain(!isPlural);
    }
  });
});
