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
  /** Bytes that the session keeps for its intermediate values, about. */
  readonly workspaceBytes: number;
}

/** Compiled graphs by their structure; beyond the bounds, the least recently used are disposed of. */
export class SessionCache {
  private readonly plans = new Map<number, Plan>();
  private readonly maxPlans: number;
  private readonly maxBytes: number;
  private numBytes = 0;

  /**
   * @param maxPlans kept at most
   * @param maxBytes of their workspaces together, however large the newest is by itself
   */
  constructor(maxPlans: number, maxBytes: number) {
    this.maxPlans = maxPlans;
    this.maxBytes = maxBytes;
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
      if (this.plans.size < this.maxPlans && this.numBytes + plan.workspaceBytes <= this.maxBytes) break;
      this.remove(oldest);
    }
    this.plans.set(hash, plan);
    this.numBytes += plan.workspaceBytes;
  }

  clear(): void {
    for (const hash of this.plans.keys()) this.remove(hash);
  }

  private remove(hash: number): void {
    const plan = this.plans.get(hash);
    if (plan === undefined) return;
    plan.session.dispose();
    this.plans.delete(hash);
    this.numBytes -= plan.workspaceBytes;
  }
}
