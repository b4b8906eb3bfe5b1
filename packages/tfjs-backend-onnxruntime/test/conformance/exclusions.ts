/** A spec of tfjs-core that the backend is not held to, by its full name, and why. */
export interface Exclusion {
  readonly spec: string;
  readonly reason: string;
}

/** None at present. */
export const EXCLUSIONS: readonly Exclusion[] = [];
