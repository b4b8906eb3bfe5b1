/** What an option of a command takes and does, from which `--help` is rendered too. */
interface OptionDefinition {
  readonly type: 'string' | 'boolean';
  /** What its value looks like; a string's alone. */
  readonly valueHint?: string;
  readonly description: string;
  /** Shown as such; who reads the options knows it too. */
  readonly default?: string;
  /** True if it may be given several times. */
  readonly isRepeatable?: boolean;
}

export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>;

/** What the user typed, checked as far as the definitions go. */
export interface ParsedArguments {
  /** The values of each option that was given, in their order; none for a boolean one. */
  readonly options: ReadonlyMap<string, readonly string[]>;
  /** Words that belong to no option. */
  readonly words: readonly string[];
}
