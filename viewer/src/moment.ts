/** Owns the state at a step as a walk leaves it: a mark, and the segment that knows what has not changed since its keyframe. */

import type { Mark } from "./machine";
import type { Segment } from "./segment";
import type { Annotation, State } from "./state";

/** A state with the mark to go on from. */
export class Moment implements State {
  private said: readonly Annotation[] | null = null;

  constructor(
    readonly step: number,
    readonly mark: Mark,
    private readonly segment: Segment,
  ) {}

  get outputs(): number {
    return this.mark.outputs;
  }

  get stack(): State["stack"] {
    return this.mark.stack;
  }

  get suspended(): State["suspended"] {
    return this.mark.suspended;
  }

  get annotations(): readonly Annotation[] {
    this.said ??= [...this.mark.annotations.values()];
    return this.said;
  }

  readonly lookup: State["lookup"] = (id) =>
    this.mark.changed.get(id) ?? this.segment.find(id, this.mark.chunk);
}
