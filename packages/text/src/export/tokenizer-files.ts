import type { TextTokenizer } from '../tokenizer.ts';
import { portableNormalizer } from './portable-normalizer.ts';

/**
 * `tokenizer.json` and `tokenizer_config.json` with which Hugging Face's libraries make of a text what `toTokenRow` makes of
 * it: its tokens between start and end where the vocabulary has them, whatever the tokenizer itself would add, padded
 * behind and cut off at the length of a row. (Cut off they lose their end, which the exported model puts back.)
 *
 * `rareWordMark` is ordinary text there.
 */
export function describeTokenizer(tokenizer: TextTokenizer, length: number): Record<string, object> {
  const { json, config } = tokenizer.files;
  return {
    'tokenizer.json': {
      ...json,
      truncation: null,
      padding: null,
      normalizer: portableNormalizer(json['normalizer']),
      post_processor: encloseTexts(tokenizer),
    },
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      ...config,
      model_max_length: length,
      padding_side: 'right',
      truncation_side: 'right',
    },
  };
}

function encloseTexts(tokenizer: TextTokenizer): object | null {
  const { special } = tokenizer;
  const [start, end] = [special.start, special.end].map((id) =>
    id === undefined ? [] : [{ id, token: tokenizer.token(id)! }],
  );
  const enclosing = [...start!, ...end!];
  if (enclosing.length === 0) return null;
  const pieces = (some: typeof enclosing) => some.map((each) => ({ SpecialToken: { id: each.token, type_id: 0 } }));
  const [first, second] = ['A', 'B'].map((id) => ({ Sequence: { id, type_id: 0 } }));
  return {
    type: 'TemplateProcessing',
    single: [...pieces(start!), first, ...pieces(end!)],
    pair: [...pieces(start!), first, ...pieces(end!), second, ...pieces(end!)],
    special_tokens: Object.fromEntries(
      enclosing.map((each) => [each.token, { id: each.token, ids: [each.id], tokens: [each.token] }]),
    ),
  };
}
