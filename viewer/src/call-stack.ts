/**
 * Owns the call stack while a replay runs: which call is on top, which are suspended and what for, and where names are
 * bound. Calls of another epoch are copied before they change.
 */

import { Call, frameId, type Loop } from "./state";
import type { Site } from "./tables";
import type { Value } from "./values";
import { TraceError } from "./wire";

/** How the stack changes: a call begins, comes back from being suspended, is set aside, or is over. */
export interface Move {
  readonly what: "begin" | "back" | "aside" | "end";
  readonly unit: number;
  readonly token: number;
}

/** Rough bytes of a call and of each variable: what copying one costs. */
const CALL_BYTES = 250;
const VARIABLE_BYTES = 60;

export class CallStack {
  /** The call on top; may be changed. */
  top: Call;
  /** Hears of every move, if anybody does. */
  listener: ((move: Move) => void) | null = null;
  /** Bytes of what was made or copied so far. */
  cost = 0;

  constructor(
    readonly stack: Call[],
    readonly suspended: Call[],
    private epoch: number,
  ) {
    this.top = this.own(stack.length - 1);
  }

  /** Begins another epoch: what is there now is never changed again. */
  renew(epoch: number): void {
    this.epoch = epoch;
    this.top = this.own(this.stack.length - 1);
  }

  bottom(): Call | undefined {
    return this.stack[0];
  }

  enter(site: Site, token: number, vars: Map<string, Value>): void {
    const id = frameId(token, this.stack.length);
    this.push(new Call(this.epoch, id, site.target, token, site.line, vars), "begin");
    this.cost += CALL_BYTES + VARIABLE_BYTES * vars.size;
  }

  /** The id of the call that an `enter` would push now. */
  nextId(token: number): number {
    return frameId(token, this.stack.length);
  }

  /** The top call ends. The bottom one stays in sight. */
  leave(): void {
    this.need();
    if (this.stack.length > 1) this.pop("end");
    else {
      this.top.status = "finished";
      this.top.code = null;
      this.said("end", this.top);
    }
  }

  /** The top call is gone without a word. */
  vanish(): void {
    if (this.stack.length > 1) this.pop("end");
  }

  /** The top call waits to be resumed. The bottom one is never taken away. */
  suspend(): void {
    this.need();
    if (this.stack.length > 1) this.setAside(0);
  }

  /** A suspended call goes on, with those that wait for it below it. */
  resume(token: number, site: Site): void {
    if (this.align(token)) return;
    // One that was begun before the recording.
    const id = frameId(token, this.stack.length);
    this.push(new Call(this.epoch, id, site.unit, token, site.line, new Map()), "begin");
  }

  /** Brings the call with this token to the top; false where there is none. */
  align(token: number): boolean {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      if ((this.stack[i] as Call).token !== token) continue;
      this.takeOff(i);
      return true;
    }
    let at = this.suspendedAt((call) => call.token === token);
    if (at < 0) return false;
    const chain: Call[] = [];
    while (at >= 0) {
      const call = this.suspended.splice(at, 1)[0] as Call;
      chain.push(call);
      at = call.token > 0 ? this.suspendedAt((other) => other.waits === call.token) : -1;
    }
    for (const call of chain.reverse()) {
      const mine = this.mine(call);
      mine.status = "active";
      mine.waits = 0;
      this.push(mine, "back");
    }
    return true;
  }

  /** Takes off the calls above the nearest one of a unit, if there is one. */
  returnTo(unit: number): void {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      if ((this.stack[i] as Call).unit !== unit) continue;
      this.takeOff(i);
      return;
    }
  }

  bind(site: Site, values: readonly Value[]): void {
    const call = this.scope(site);
    site.names.forEach((name, i) => {
      call?.vars.set(name, values[i] as Value);
    });
  }

  unbind(site: Site): void {
    const call = this.scope(site);
    for (const name of site.names) call?.vars.delete(name);
  }

  /** Where in the stack the names of a site are bound; -1 where nothing is shown. */
  scopeAt(site: Site): number {
    if (site.scope === "global") return this.stack.length > 0 ? 0 : -1;
    if (site.scope === "local") return this.stack.length - 1;
    for (let i = this.stack.length - 2; i >= 0; i--) if (this.stack[i]?.unit === site.target) return i;
    return -1;
  }

  /** A loop as the nearest call that knows it has it; null where none does. */
  loop(number: number): Loop | null {
    for (let i = this.stack.length - 1; i >= 0; i--) {
      const loop = this.stack[i]?.loops?.get(number);
      if (loop !== undefined) return loop;
    }
    return null;
  }

  /** Moves on a loop that the top call does not know. */
  advanceBelow(number: number): void {
    for (let i = this.stack.length - 2; i >= 0; i--) {
      if (!this.stack[i]?.loops?.has(number)) continue;
      (this.own(i).loops?.get(number) as Loop).position++;
      return;
    }
  }

  /** Refuses what can only happen in a call. */
  need(): void {
    if (this.stack.length === 0) throw new TraceError("an event happens in no frame");
  }

  private scope(site: Site): Call | null {
    const at = this.scopeAt(site);
    return at < 0 ? null : this.own(at);
  }

  private suspendedAt(test: (call: Call) => boolean): number {
    for (let i = this.suspended.length - 1; i >= 0; i--) if (test(this.suspended[i] as Call)) return i;
    return -1;
  }

  private takeOff(above: number): void {
    while (this.stack.length - 1 > above) {
      if (this.top.token > 0) this.setAside(this.suspended.at(-1)?.token ?? 0);
      else this.pop("end");
    }
  }

  private setAside(waits: number): void {
    const { top } = this;
    top.status = "suspended";
    top.waits = waits;
    this.suspended.push(top);
    this.pop("aside");
  }

  private said(what: Move["what"], { unit, token }: Call): void {
    this.listener?.({ what, unit, token });
  }

  private push(call: Call, what: "begin" | "back"): void {
    this.stack.push(call);
    this.top = call;
    this.said(what, call);
  }

  private pop(what: "aside" | "end"): void {
    this.said(what, this.top);
    this.stack.pop();
    this.top = this.own(this.stack.length - 1);
  }

  private own(at: number): Call {
    const call = this.stack[at];
    if (call === undefined) return nobody();
    const mine = this.mine(call);
    this.stack[at] = mine;
    return mine;
  }

  private mine(call: Call): Call {
    if (call.epoch === this.epoch) return call;
    this.cost += CALL_BYTES + VARIABLE_BYTES * call.vars.size;
    return call.copy(this.epoch);
  }
}

/** What is on top of an empty stack: nothing it is told is kept. */
function nobody(): Call {
  return new Call(-1, -1, -1, 0, 0, new Map());
}
