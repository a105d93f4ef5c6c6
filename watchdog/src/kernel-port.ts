/**
 * Owns what can be done to a session's kernel: interrupting it by whatever way reaches it, restarting it, and
 * asking whether it answers.
 */

import type { KernelPort } from "./guard";
import { bundle, type Disposable, type Kernel, type SessionContext, subscribe } from "./jupyter";
import type { Switches } from "./switches";

/** A kernel's port, and how a kernel's connection is followed for it. */
export interface SessionKernel extends KernelPort {
  /** Follows what the connection says of input that a program waits for. */
  follow(kernel: Kernel): Disposable;
}

/**
 * The kernel of a session. `switches`: for kernels that are web workers; null where an interrupt is a signal.
 * `field`: where the learner is asked for a line of input, or null.
 */
export function kernelPort(
  context: SessionContext,
  switches: Switches | null,
  field: () => HTMLElement | null,
): SessionKernel {
  let name = "";
  let asks: { readonly kernel: Kernel; readonly header: { readonly msg_type: string } } | null = null;
  const current = (): Kernel | null => {
    const kernel = context.session?.kernel ?? null;
    return kernel && !kernel.isDisposed && kernel.status !== "dead" ? kernel : null;
  };
  return {
    follow(kernel) {
      if (!switches) return bundle([]);
      return subscribe(kernel.anyMessage, (_, { msg }) => {
        if (msg.header.msg_type === "input_request") asks = { kernel, header: msg.header };
        if (msg.header.msg_type === "input_reply") asks = null;
      });
    },
    async interrupt() {
      const kernel = current();
      if (!switches) {
        await kernel?.interrupt();
        return;
      }
      switches.pull();
      // `input()` waits for the page: answered, it sees that the switch was pulled.
      if (asks && asks.kernel === kernel) answer(asks.kernel, asks.header, field());
    },
    async restart() {
      const kernel = current();
      name = kernel?.name ?? name;
      // Never two at a time (the second would fail): the machine asks again only after the first is done.
      // restartKernel reports failures to the console only: the probe finds out.
      await (kernel ? context.restartKernel() : context.changeKernel({ name }));
    },
    async probe() {
      const kernel = current();
      if (!kernel) throw new Error("there is no kernel");
      // An empty program, not kernel_info: some front ends answer that one without asking the kernel.
      await kernel.requestExecute({ code: "", silent: true, store_history: false, allow_stdin: false }).done;
    },
  };
}

/** Answers a program's question with nothing; in the field itself where it is on the page, so that it goes away. */
function answer(kernel: Kernel, header: { readonly msg_type: string }, field: HTMLElement | null): void {
  let sent = false;
  const watch = subscribe(kernel.anyMessage, (_, { msg }) => {
    sent ||= msg.header.msg_type === "input_reply";
  });
  field?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
  watch.dispose();
  if (!sent) kernel.sendInputReply({ status: "ok", value: "" }, header);
}
