// Runs inside the page: opens traces, acts on the viewer as a reader does, and takes the time until the frame is painted.
import { mount, TraceLog } from "./viewer.js";

const place = document.querySelector("main");
const root = () => place.querySelector("[data-dstruct=viewer]");
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));
const frame = () => new Promise((resume) => requestAnimationFrame(resume));
let seed = 7;
const random = (n) => {
  seed = (seed * 48271) % 2147483647;
  return seed % n;
};
let log;
let mounted;

/** Resolves once the frame that is being made has been painted, with the time its making took. */
function painted() {
  return new Promise((resume) => {
    requestAnimationFrame(() => {
      const began = performance.now();
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        const done = performance.now();
        resume({ done, took: done - began });
      };
      port2.postMessage(null);
    });
  });
}

/** Waits for the root to show another step (or that one), then for the paint. Times in ms from `began`. */
async function shown(began, step) {
  const element = root();
  const right = () => step === undefined || element.dataset.step === String(step);
  await new Promise((resume) => {
    const observer = new MutationObserver(() => {
      if (!right()) return;
      observer.disconnect();
      resume();
    });
    observer.observe(element, { attributes: true, attributeFilter: ["data-step"] });
  });
  const updated = performance.now() - began;
  const { done, took } = await painted();
  return { work: updated + took, frame: done - began, draw: took };
}

const key = (name) =>
  root().dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true }));

function slide(step) {
  const slider = place.querySelector(".ds-slider");
  slider.value = String(step);
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}

/** One thing a reader does; resolves with its times, or null where nothing was to be done. */
const ACTS = {
  async jump() {
    const step = random(log.steps.value + 1);
    if (root().dataset.step === String(step)) return null;
    const began = performance.now();
    slide(step);
    return shown(began, step);
  },
  async next() {
    const began = performance.now();
    key("ArrowRight");
    return shown(began);
  },
  async previous() {
    const began = performance.now();
    key("ArrowLeft");
    return shown(began);
  },
  async drag() {
    const at = Number(root().dataset.step);
    const way = Math.max(1, Math.round(log.steps.value / 600));
    const step = at + way > log.steps.value ? random(log.steps.value / 2) : at + way;
    const began = performance.now();
    slide(step);
    return shown(began, step);
  },
};

/** Frames' distances, long tasks, while something goes on for so many ms. */
async function watch(ms, meanwhile = () => undefined) {
  const tasks = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  });
  observer.observe({ type: "longtask" });
  const gaps = [];
  const end = performance.now() + ms;
  let last = await frame();
  while (performance.now() < end) {
    meanwhile();
    const now = await frame();
    gaps.push(now - last);
    last = now;
  }
  await pause(0);
  observer.disconnect();
  return { gaps, tasks };
}

window.bench = {
  bytes: null,
  async fetch(url) {
    this.bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    return this.bytes.length;
  },
  /** From the data's arrival to the first picture painted. */
  async open() {
    this.close();
    const began = performance.now();
    log = new TraceLog();
    log.appendFile(this.bytes);
    log.status.value = log.statusOfFile("benchmark");
    const taken = performance.now() - began;
    mounted = mount(place, log, {});
    while (!place.querySelector(".ds-line[data-next=true], .ds-line[data-current=true]")) await pause(0);
    const { done } = await painted();
    return { taken, first: done - began, steps: log.steps.value, chunks: log.chunks.length };
  },
  close() {
    mounted?.dispose();
    mounted = log = undefined;
  },
  async act(name) {
    await pause(random(20));
    return ACTS[name]();
  },
  go(step) {
    mounted.go(step);
  },
  /** Whether the run's index is complete. */
  async indexed(limit) {
    const began = performance.now();
    const { gaps, tasks } = await watch(limit, () => undefined);
    return { gaps, tasks, took: performance.now() - began };
  },
  watch,
  /** Plays from a step on. */
  async play(speed, ms) {
    const select = [...place.querySelectorAll(".ds-select select")].at(-1);
    select.value = String(speed);
    select.dispatchEvent(new Event("change", { bubbles: true }));
    mounted.setPlaying(true);
    const found = await watch(ms);
    mounted.setPlaying(false);
    return found;
  },
  /** Opens a run that is going on: its chunks arrive evenly over so many ms, whatever the page does meanwhile. */
  async stream(ms, acts) {
    this.close();
    const whole = new TraceLog();
    whole.appendFile(this.bytes);
    const buffers = whole.saved(Number.POSITIVE_INFINITY).map((view) => new Uint8Array(view.buffer));
    log = new TraceLog();
    mounted = mount(place, log, {});
    const began = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      const due = Math.min(buffers.length, Math.ceil(((performance.now() - began) / ms) * buffers.length));
      if (due > sent) log.append(sent, buffers.slice(sent, due));
      sent = due;
      if (sent === buffers.length) clearInterval(timer);
    }, 50);
    await pause(300);
    const times = [];
    const done = (async () => {
      for (let n = 0; performance.now() - began < ms; n++) {
        const time = await this.act(acts[n % acts.length]);
        if (time) times.push(time);
      }
    })();
    const { gaps, tasks } = await watch(ms - 300);
    await done;
    return { times, gaps, tasks, steps: log.steps.value };
  },
  /** Two hundred runs on one page, as in a long notebook: how long it takes, what is drawn, and how scrolling goes. */
  async widgets(urls, count) {
    this.close();
    const files = await Promise.all(
      urls.map(async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer())),
    );
    const viewers = [];
    const began = performance.now();
    const opening = watch(4000);
    for (let n = 0; n < count; n++) {
      const one = new TraceLog();
      one.appendFile(files[n % files.length]);
      one.status.value = one.statusOfFile(`run ${n}`);
      const box = place.appendChild(document.createElement("div"));
      viewers.push(mount(box, one, {}));
      if (n % 4 === 3) await pause(0);
    }
    const { done } = await painted();
    const opened = await opening;
    const roots = () => document.querySelectorAll("[data-dstruct=viewer][data-steps]").length;
    const drawn = () => document.querySelectorAll(".ds-controls").length;
    const before = { roots: roots(), drawn: drawn() };
    const height = document.documentElement.scrollHeight;
    const frames = 240;
    let at = 0;
    const scrolling = await watch((frames * 1000) / 60, () => {
      window.scrollTo(0, (height * ++at) / frames);
    });
    await pause(500);
    const after = { roots: roots(), drawn: drawn() };
    for (const viewer of viewers) viewer.dispose();
    place.replaceChildren();
    return { took: done - began, opened, before, after, scrolling };
  },
  ready: true,
};
