/**
 * Owns every text a person reads. One catalogue per language; a host may bring another whole or in part.
 * Placeholders stand in braces. Texts that count have a `.one` form beside the general one.
 */

export const en = {
  "viewer.label": "Program run, step by step",
  "viewer.first": "First step",
  "viewer.previous": "Previous step",
  "viewer.play": "Play",
  "viewer.pause": "Pause",
  "viewer.next": "Next step",
  "viewer.last": "Last step",
  "viewer.slider": "Step",
  "viewer.step": "Step {step} of {steps}",
  "viewer.speed": "Speed",
  "viewer.speed.value": "{speed} steps/s",
  "viewer.granularity": "Step by",
  "granularity.operation": "operation",
  "granularity.line": "line",
  "granularity.call": "call",
  "panel.code": "Code",
  "panel.structures": "Data",
  "panel.stack": "Call stack",
  "panel.output": "Output",
  "code.none": "The source of this step is not in the recording.",
  "code.current": "current line",
  "code.next": "runs next",
  "structures.none": "Nothing to draw at this step yet.",
  "structures.more": "and {count} more",
  "structures.legend.read": "read",
  "structures.legend.write": "written",
  "stack.none": "No call is active.",
  "stack.line": "line {line}",
  "stack.finished": "finished",
  "stack.suspended": "paused",
  "stack.changed": "changed",
  "stack.hidden": "{count} calls between",
  "stack.definitions": "defined: {names}",
  "output.none": "Nothing printed yet.",
  "output.cut": "Earlier output is not shown.",
  "start.hint": "Before the first line. Press Next or Play.",
  "wait.chunks": "Waiting for the first steps.",
  "array.before": "{count} before",
  "array.after": "{count} after",
  "array.empty": "empty",
  "table.more": "{count} more entries",
  "linked.more": "{count} more objects are not drawn",
  problem: "The recording cannot be read any further: {message}.",
  "run.running": "Running",
  "run.ok": "Finished",
  "run.error": "Ends with {name}",
  "run.timeout": "Stopped at the time limit",
  "run.timeout.seconds": "Stopped at the time limit of {seconds} s",
  "run.step-limit": "Stopped at the step limit",
  "run.log-limit": "Stopped: the recording is full",
  "run.output-limit": "Stopped: too much output",
  "run.memory-limit": "Stopped at the memory limit",
  "run.depth-limit": "Stopped: calls nested too deeply",
  "run.interrupted": "Stopped by you",
  "run.killed": "Restarted; everything recorded until then is here",
  "run.other": "Stopped: {reason}",
  "say.line": "reaches line {line}",
  "say.start": "starts",
  "say.end": "the program ends",
  "say.call": "calls {call}",
  "say.class": "makes class {name}",
  "say.return": "{name} returns {value}",
  "say.unwind": "{error} leaves {name}",
  "say.unwind.end": "{error} ends the program",
  "say.raise": "raises {error}",
  "say.yield": "yields {value}",
  "say.resume": "goes on in {name}",
  "say.bind": "binds {names}",
  "say.unbind": "removes {names}",
  "say.read": "reads {target} = {value}",
  "say.read.only": "reads {target}",
  "say.write": "writes {target} = {value}",
  "say.write.was": "writes {target} = {value} (was {old})",
  "say.delete": "deletes {target}",
  "say.delete.was": "deletes {target} (was {old})",
  "say.contains.yes": "finds {key} in {container}",
  "say.contains.no": "does not find {key} in {container}",
  "say.iterate": "takes {value} from {container}",
  "say.method": "calls {name} on {container}",
  "say.insert": "adds {value} at {target}",
  "say.add": "adds {value} to {container}",
  "say.remove": "removes {target}",
  "say.remove.was": "removes {old} from {target}",
  "say.fill": "changes {container} to {value}",
  "say.output": "prints {text}",
  "say.late": "(changed earlier)",
  "say.more": "and {count} more",
} as const;

export type MessageKey = keyof typeof en;
export type Catalogue = Record<MessageKey, string>;
export type Translate = (key: MessageKey, values?: Readonly<Record<string, string | number>>) => string;

/** A translator over a catalogue; texts it lacks are taken from the English one. */
export function translator(messages: Partial<Catalogue> = {}): Translate {
  return (key, values = {}) =>
    (messages[key] ?? en[key]).replace(/\{(\w+)\}/g, (whole, name: string) =>
      Object.hasOwn(values, name) ? String(values[name]) : whole,
    );
}

/** A number with the reader's own digit grouping. */
export function grouped(n: number): string {
  return n.toLocaleString();
}
