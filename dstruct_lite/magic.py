"""Owns the cell magic `%%dstruct`: its options, its messages, and the namespace it runs in."""

from __future__ import annotations

from typing import Any

from dstruct_harness import check_included
from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from .api import run_limits, visualize_cell
from .execution import isolated
from .isolation.limits import IsolationUnavailableError, limits_with_memory


@magics_class
class DstructMagics(Magics):
    """The magics of dstruct-lite."""

    @magic_arguments()
    @argument("--seconds", type=float, default=None, help="Stop the run after so many seconds.")
    @argument(
        "--steps",
        type=lambda text: int(text.replace("_", "")),
        default=None,
        help="Record at most so many steps.",
    )
    @argument(
        "--bytes",
        dest="log_bytes",
        type=lambda text: int(text.replace("_", "")),
        default=None,
        help="Record at most so many bytes (64 MiB when nothing is said).",
    )
    @argument(
        "--isolation",
        choices=["process", "none"],
        default=None,
        help="process: run on copies of the names in a process of its own; nothing comes back.",
    )
    @argument(
        "--memory",
        type=float,
        default=None,
        help="MiB of memory the process may use (default 2048; with --isolation process).",
    )
    @argument(
        "--include",
        action="append",
        default=[],
        metavar="MODULE",
        help="Step into this module's functions, too; may be given several times.",
    )
    @cell_magic
    def dstruct(self, line: str, cell: str) -> Any:
        """Run this cell and step through what it did, forwards and backwards.

        The cell runs in the notebook's namespace: names from earlier cells are there, and names it binds stay; with
        `--isolation process` copies of them are there, and nothing stays but the recording.
        """
        options = parse_argstring(self.dstruct, line)
        try:
            limits = run_limits(options.seconds, options.steps, options.log_bytes)
            process_limits = limits_with_memory(options.memory)
            isolated(options.isolation)
            check_included(options.include)
        except (ValueError, IsolationUnavailableError) as error:
            raise UsageError(
                f"%%dstruct: {error}".replace("Limits.log_", "--").replace("Limits.", "--")
            ) from None
        shell = self.shell
        assert shell is not None
        source = shell.transform_cell(cell)
        filename = shell.compile.cache(source, shell.execution_count, raw_code=cell)
        return visualize_cell(
            source, shell.user_ns, filename, limits, options.isolation, process_limits, options.include
        )
