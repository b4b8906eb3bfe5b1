import type { NativeSession } from '../runtime/binding.ts';
import type { Feed } from './emit-graph.ts';
import { haveSameCode, type Structure } from './structure.ts';

/** A graph's compiled session and how to feed and fetch it. */
export interface Plan {
  readonly code: Int32Array;
  readonly session: NativeSession;
  readonly feeds: readonly Feed[];
  /** Output names in the order of `Structure.results`. */
  readonly outputNames: readonly string[];
}

/** Compiled graphs by their structure; beyond the bound, the least recently used is disposed of. */
export class SessionCache {
  private readonly plans = new Map<number, Plan>();
  private readonly maxPlans: number;

  constructor(maxPlans: number) {
    this.maxPlans = maxPlans;
  }

  get size(): number {
    return this.plans.size;
  }

  find({ hash, code }: Structure): Plan | null {
    const plan = this.plans.get(hash);
    // Two structures with one hash are possible; the codes decide.
    if (plan === undefined || !haveSameCode(plan.code, code)) return null;
    this.plans.delete(hash);
    this.plans.set(hash, plan);
    return plan;
  }

  add(hash: number, plan: Plan): void {
    this.remove(hash);
    for (const oldest of this.plans.keys()) {
      if (this.plans.size < this.maxPlans) break;
      this.remove(oldest);
    }
    this.plans.set(hash, plan);
  }

  clear(): void {
    for (const hash of this.plans.keys()) this.remove(hash);
  }

  private remove(hash: number): void {
    this.plans.get(hash)?.session.dispose();
    this.plans.delete(hash);
  }
}
