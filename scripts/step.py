"""Runs one step of a build: says what and how long, shows the last line of output, and on failure the rest.

    python scripts/step.py [--hint TEXT] TITLE -- COMMAND ...

Standard library only, any Python 3.11+: it runs before there is an environment.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque

#: How the tools we call say that nobody answers.
NO_NETWORK = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|NewConnectionError|NameResolutionError"
    r"|name resolution|Name or service not known|Network is unreachable|ConnectTimeoutError|network timeout"
    r"|No matching distribution found"
)
KEPT_LINES = 60
QUIET_SECONDS = 15.0


class Progress:
    """One line that follows the command on a terminal; elsewhere a line now and then."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.started = time.monotonic()
        self.told = self.started
        self.terminal = sys.stdout.isatty()
        self.last = ""
        self.stop = threading.Event()
        print(f"==> {title}", flush=True)

    def follow(self) -> None:
        """Redraw until stopped."""
        while not self.stop.wait(0.25 if self.terminal else 1.0):
            now = time.monotonic()
            if self.terminal:
                width = shutil.get_terminal_size().columns - 1
                print(
                    "\r\033[K" + f"    {now - self.started:4.0f} s  {self.last}"[:width], end="", flush=True
                )
            elif now - self.told > QUIET_SECONDS:
                self.told = now
                print(f"    {now - self.started:.0f} s  {self.last[:120]}", flush=True)

    def end(self, word: str) -> None:
        """Stop following and say how it went."""
        self.stop.set()
        lead = "\r\033[K" if self.terminal else ""
        print(f"{lead}    {word} in {time.monotonic() - self.started:.1f} s", flush=True)


def run(title: str, hint: str, command: list[str]) -> int:
    """Run `command`; returns its exit code after telling how it went."""
    progress = Progress(title)
    follower = threading.Thread(target=progress.follow, daemon=True)
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    try:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        progress.end("failed")
        print(f"\n{command[0]}: {error.strerror}. {hint}", file=sys.stderr)
        return 127
    follower.start()
    assert process.stdout is not None
    for line in process.stdout:
        if text := line.strip():
            kept.append(line.rstrip())
            if not text.lower().startswith(("warning", "npm warn")):
                progress.last = text
    code = process.wait()
    progress.end("done" if code == 0 else f"FAILED (exit code {code})")
    follower.join()
    if code:
        output = "\n".join(kept)
        print(f"\n{output}\n", file=sys.stderr)
        print(f"{title}: failed.", file=sys.stderr)
        if NO_NETWORK.search(output):
            print(
                "It looks as if there were no network. The first build needs one; later builds do not.",
                file=sys.stderr,
            )
        if hint:
            print(hint, file=sys.stderr)
    return code


def main(argv: list[str]) -> int:
    """Parse the few arguments by hand: what follows `--` is not ours."""
    hint = ""
    if argv[:1] == ["--hint"]:
        hint, argv = argv[1], argv[2:]
    if len(argv) < 3 or argv[1] != "--":
        print(__doc__, file=sys.stderr)
        return 2
    return run(argv[0], hint, argv[2:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
