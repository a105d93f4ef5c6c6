// Hosts Pyodide for the benchmarks: reads a job as JSON on stdin, prints one line of JSON per request.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(0, "utf8"));
const { loadPyodide } = await import(pathToFileURL(`${job.core}/pyodide.mjs`).href);
const quiet = () => {};
const pyodide = await loadPyodide({ indexURL: `${job.core}/`, stdout: quiet, stderr: quiet });

/** CPU seconds of this thread: the compiler's own threads and the other processes of the machine do not count. */
function cpuSeconds() {
  try {
    process.cpuUsage(); // makes the kernel bring the counters up to date: else they are read as of its last tick
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ")[0]) / 1e9;
  } catch {
    return performance.now() / 1e3;
  }
}

for (const [place, folder] of Object.entries(job.folders)) {
  pyodide.FS.mkdirTree(place);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root: folder }, place);
}
pyodide.globals.set("cpu_seconds", cpuSeconds);
pyodide.globals.set("places", pyodide.toPy(Object.keys(job.folders)));
pyodide.runPython(`
import json, sys
sys.dont_write_bytecode = True
sys.path[:0] = list(places)
import sides
def handle(text):
    return json.dumps(sides.answer(json.loads(text), cpu_seconds))
`);
const handle = pyodide.globals.get("handle");
for (const request of job.requests) {
  const before = pyodide._module.HEAPU8.length;
  let answer;
  try {
    answer = JSON.parse(handle(JSON.stringify(request)));
  } catch (error) {
    answer = { error: String(error).trim().split("\n").at(-1) };
  }
  answer.grown = pyodide._module.HEAPU8.length - before;
  answer.heap = pyodide._module.HEAPU8.length;
  process.stdout.write(`${JSON.stringify({ answer })}\n`);
}
