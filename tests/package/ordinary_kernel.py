"""Owns talking to a real ordinary kernel: an ipykernel process of its own, as a page without a browser would."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dstruct_harness import Timeline
from dstruct_harness.chunks import read_chunks
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

#: How long anything may take on a busy machine, in seconds.
PATIENCE = 120.0

Message = dict[str, Any]


@dataclass
class Told:
    """What the kernel has said on behalf of one request, in order."""

    request: str
    messages: list[Message] = field(default_factory=list)

    def kinds(self) -> list[str]:
        return [message["header"]["msg_type"] for message in self.messages]

    def text(self) -> str:
        """What was printed."""
        return "".join(m["content"]["text"] for m in self.of("stream"))

    def of(self, kind: str) -> list[Message]:
        return [message for message in self.messages if message["header"]["msg_type"] == kind]

    def error(self) -> str | None:
        """The name of the exception that ended the cell, or None."""
        found = self.of("error")
        return found[0]["content"]["ename"] if found else None

    def chunks(self) -> list[bytes]:
        """The chunks of the recorded run's log that have come so far, first to last."""
        held: dict[int, bytes] = {}
        for message in self.of("comm_msg"):
            custom = message["content"]["data"].get("content")
            if isinstance(custom, dict) and custom.get("type") == "chunks":
                for offset, buffer in enumerate(message["buffers"]):
                    held[custom["index"] + offset] = bytes(buffer)
        return [held[index] for index in sorted(held)]

    def steps(self) -> int:
        """The steps in those chunks."""
        return sum(chunk.header.steps for chunk in read_chunks(b"".join(self.chunks())))

    def timeline(self) -> Timeline:
        return Timeline(b"".join(self.chunks()))

    def statuses(self) -> list[Message]:
        """The recorded run's status, as often as it was told."""
        opened = [message["content"]["data"] for message in self.of("comm_open")]
        changed = [message["content"]["data"] for message in self.of("comm_msg")]
        states = [data.get("state", {}) for data in [*opened, *changed]]
        return [state["_status"] for state in states if "_status" in state]

    def watched(self) -> list[tuple[str, Message]]:
        """What the page's watchdog hears: the opening and the closing of each run's comm."""
        comms: set[str] = set()
        heard = []
        for message in self.messages:
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "comm_open" and content["target_name"] == "dstruct-lite.watchdog":
                comms.add(content["comm_id"])
                heard.append(("open", content["data"]))
            elif kind == "comm_close" and content["comm_id"] in comms:
                heard.append(("close", content["data"]))
        return heard


class Kernel:
    """A kernel, and the one client it has."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    @property
    def pid(self) -> int:
        return int(self.manager.provisioner.pid)  # type: ignore[union-attr]

    def start(self, code: str) -> Told:
        """Have a cell run; `listen` hears what it says."""
        return Told(self.client.execute(code, allow_stdin=False))

    def listen(self, told: Told, enough: Callable[[Told], bool] | None = None) -> Told:
        """Hear what the cell says, until it is over or `enough` is."""
        end = time.monotonic() + PATIENCE
        while enough is None or not enough(told):
            try:
                message = self.client.get_iopub_msg(timeout=max(0.1, end - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"the kernel says no more: {told.kinds()[-5:]}") from None
            if message["parent_header"].get("msg_id") != told.request:
                continue
            told.messages.append(message)
            if message["header"]["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                assert enough is None or enough(told), f"the cell is over: {told.kinds()}, {told.text()}"
                return told
        return told

    def run(self, code: str) -> Told:
        return self.listen(self.start(code))

    def tell(self, comm: str, data: Message) -> None:
        """Send a comm message, as the page does."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        self.client.shell_channel.send(message)


@contextmanager
def started(runtime: Path) -> Iterator[Kernel]:
    """A kernel that has loaded our extension, ended with the block. `runtime`: a directory for its files."""
    manager = KernelManager(connection_file=str(runtime / "kernel.json"))
    manager.start_kernel(cwd=str(runtime))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        kernel = Kernel(manager, client)
        assert kernel.run("%load_ext dstruct_lite").error() is None
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
