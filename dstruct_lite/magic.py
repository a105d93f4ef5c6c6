"""Owns the cell magic `%%dstruct`: its options, its messages, and the namespace it runs in."""

from __future__ import annotations

from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, cell_magic, magics_class
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from .api import run_limits, visualize_cell


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
    @cell_magic
    def dstruct(self, line: str, cell: str) -> Any:
        """Run this cell and step through what it did, forwards and backwards.

        The cell runs in the notebook's namespace: names from earlier cells are there, and names it binds stay.
        """
        options = parse_argstring(self.dstruct, line)
        try:
            limits = run_limits(options.seconds, options.steps, options.log_bytes)
        except ValueError as error:
            raise UsageError(
                f"%%dstruct: {error}".replace("Limits.log_", "--").replace("Limits.", "--")
            ) from None
        shell = self.shell
        assert shell is not None
        source = shell.transform_cell(cell)
        filename = shell.compile.cache(source, shell.execution_count, raw_code=cell)
        return visualize_cell(source, shell.user_ns, filename, limits)
