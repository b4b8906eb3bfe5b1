import type { Json } from '../results/content-hash.ts';

/** Where a command's words and records go. */
export interface Output {
  /** Prints lines for people. */
  say(text: string): void;
  /** Prints a record for programs, where they are asked for. */
  emit(record: { readonly type: string; readonly [field: string]: Json | undefined }): void;
}

/** With `json`, records a line each on standard output, and words on standard error; else words alone. */
export function createOutput(json: boolean): Output {
  if (!json) return { say: (text) => console.log(text), emit: () => {} };
  return { say: (text) => console.error(text), emit: (record) => console.log(JSON.stringify(record)) };
}
