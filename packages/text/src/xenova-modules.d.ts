/** The package ships the types of these modules in another folder. */
declare module '@xenova/transformers/src/tokenizers.js' {
  export { AutoTokenizer, PreTrainedTokenizer } from '@xenova/transformers/types/tokenizers.js';
}
declare module '@xenova/transformers/src/env.js' {
  export { env } from '@xenova/transformers/types/env.js';
}
declare module '@xenova/transformers/src/utils/hub.js' {
  export { getModelJSON } from '@xenova/transformers/types/utils/hub.js';
}
