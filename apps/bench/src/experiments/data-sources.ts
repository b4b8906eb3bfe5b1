/** A path to read, as it is on this machine and as it was given. */
export interface DataPath {
  readonly path: string;
  readonly given: string;
}

/** Texts to read, with what their files don't tell. */
export interface TextSource extends DataPath {
  readonly textColumn: string | null;
  readonly labelColumn: string | null;
  /** Character encoding of the files, null for UTF-8. */
  readonly encoding: string | null;
}

/** Where the data of all suites comes from. */
export interface DataSources {
  /** Sets of pictures, each compared by itself; none for synthetic ones. */
  readonly images: readonly DataPath[];
  /** Pictures with boxes; null for no detection. */
  readonly detection: DataPath | null;
  /** Texts to pre-train on, together; none for synthetic ones. */
  readonly text: readonly TextSource[];
  /** Labelled texts to probe on; none for those of `text` that have labels. */
  readonly probeText: readonly TextSource[];
  /** A tokenizer by path, or by name on the hub; null to train one on the text. */
  readonly tokenizer: DataPath | null;
}
