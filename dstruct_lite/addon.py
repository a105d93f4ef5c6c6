"""The JupyterLite addon: `jupyter lite build` then gives a site that holds all it needs, with us preloaded.

Wiring only; the work is in `dstruct_lite.site`. Found through the entry point group `jupyterlite.addon.v0`,
so any JupyterLite project whose environment has `dstruct-lite[site]` gets it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jupyterlite_core.constants import JUPYTERLITE_JSON, LAB_EXTENSIONS
from jupyterlite_pyodide_kernel.addons._base import _BaseAddon
from jupyterlite_pyodide_kernel.constants import PYODIDE_KERNEL_NPM_NAME, PYODIDE_VERSION
from traitlets import Bool, List, Unicode

from .site.assemble import assemble, kernel_settings
from .site.csp import write_policy
from .site.errors import SiteError
from .site.landing import landing_page
from .site.own_wheel import build_harness_wheel, build_own_wheel, build_placeholder
from .site.runner import write_runner
from .site.source import resolve_source
from .site.wheels import fetch_wheels

#: Made by the front-end build in a checkout; in an installed wheel it lives under share/jupyter instead.
LABEXTENSION = Path(__file__).with_name("labextension")

#: The front-end bundles that are files of the site rather than of a wheel.
STATIC = Path(__file__).with_name("static")

#: Installed by the kernel at boot, at 5 MB and thousands of files, only to complete code (see `preload`).
PLACEHOLDERS = ("jedi",)

Task = dict[str, Any]


class DstructAddon(_BaseAddon):  # type: ignore[misc]
    """Own Pyodide, own wheels, own labextension: a site that asks no other origin for anything."""

    __all__ = ["post_init", "build", "post_build"]  # noqa: RUF012 - read by jupyterlite-core, name and type are its

    indexURL = Unicode(
        "",
        help="Where Pyodide comes from: empty for an own copy (from npm), a local directory, or a URL.",
    ).tag(config=True)
    labextensions = List(
        Unicode(),
        help="If not empty: the only prebuilt extensions that go into the site, whatever else is installed.",
    ).tag(config=True)
    landing = Unicode(
        "",
        help="Where the site's root leads (like `lab/index.html?path=...`); empty leaves JupyterLite's own.",
    ).tag(config=True)

    policy = Bool(
        False,
        help="Write the tightest Content-Security-Policy under which the site works into its pages and _headers.",
    ).tag(config=True)

    aliases = {"pyodide-index-url": "DstructAddon.indexURL"}  # noqa: RUF012 - see __all__

    @property
    def store(self) -> Path:
        """Where downloads are kept between builds."""
        return Path(self.manager.cache_dir) / "dstruct-lite"

    @property
    def output(self) -> Path:
        """The root of the site being built."""
        return Path(self.manager.output_dir)

    def post_init(self, manager: Any) -> Iterator[Task]:
        """Fetch what is not cached yet: early, so that a missing network is told before the long part."""
        yield self.task(name="fetch", actions=[self._guard(self._fetch)])

    def build(self, manager: Any) -> Iterator[Task]:
        """Settle which prebuilt extensions the site has."""
        yield self.task(name="labextensions", actions=[self._guard(self._settle_labextensions)])

    def post_build(self, manager: Any) -> Iterator[Task]:
        """Write Pyodide's directory, and point the kernel and the runner to it."""
        config = self.output / JUPYTERLITE_JSON
        yield self.task(
            name="pyodide", file_dep=[config], uptodate=[False], actions=[self._guard(self._assemble)]
        )
        yield self.task(name="favicon", actions=[self._guard(self._copy_favicon)])
        if self.landing:
            yield self.task(name="landing", actions=[self._guard(self._write_landing)])
        if self.policy:
            # Last: the hashes are those of the pages as they will be.
            yield self.task(name="policy", actions=[self._guard(self._write_policy)])

    def _fetch(self) -> None:
        self.log.info("[dstruct-lite] Pyodide %s and the browser's wheels ...", PYODIDE_VERSION)
        source = resolve_source(self.indexURL, Path(self.manager.lite_dir), PYODIDE_VERSION, self.store)
        fetch_wheels(self.store, source.python, source.platform)

    def _settle_labextensions(self) -> None:
        extensions = self.output / LAB_EXTENSIONS
        if (LABEXTENSION / "package.json").is_file():
            # An environment's copy of a checkout's extension is as old as the last install.
            name = json.loads((LABEXTENSION / "package.json").read_text(encoding="utf-8"))["name"]
            self.copy_one(LABEXTENSION, extensions / name)
        if self.labextensions:
            for package in [*extensions.glob("*/package.json"), *extensions.glob("@*/*/package.json")]:
                if package.parent.relative_to(extensions).as_posix() not in self.labextensions:
                    shutil.rmtree(package.parent)

    def _assemble(self) -> None:
        source = resolve_source(self.indexURL, Path(self.manager.lite_dir), PYODIDE_VERSION, self.store)
        wheels = fetch_wheels(self.store, source.python, source.platform)
        kernel_wheels = (self.output / LAB_EXTENSIONS / PYODIDE_KERNEL_NPM_NAME / "static" / "pypi").glob(
            "*.whl"
        )
        packed = (build_own_wheel(), *map(build_placeholder, PLACEHOLDERS))
        made = assemble(self.output, source, wheels, kernel_wheels, packed)
        config = self.output / JUPYTERLITE_JSON
        author = self.get_pyodide_settings(Path(self.manager.lite_dir) / JUPYTERLITE_JSON)
        self.set_pyodide_settings(config, kernel_settings(self.get_pyodide_settings(config), author, made))
        write_runner(self.output, STATIC, made, build_harness_wheel())

    def _copy_favicon(self) -> None:
        # Applications name their icon late; until then a browser asks for the host's, and misses it aloud.
        icon = self.output / "lab" / "favicon.ico"
        if icon.is_file() and not (self.output / "favicon.ico").exists():
            shutil.copyfile(icon, self.output / "favicon.ico")

    def _write_landing(self) -> None:
        (self.output / "index.html").write_text(landing_page(self.landing), encoding="utf-8")

    def _write_policy(self) -> None:
        settings = self.get_pyodide_settings(self.output / JUPYTERLITE_JSON)
        write_policy(self.output, settings["pyodideUrl"])

    def _guard(self, action: Callable[[], None]) -> Callable[[], bool]:
        """`action` as doit wants it: False when it failed for a reason a person can act on, which is told."""

        def guarded() -> bool:
            try:
                action()
            except SiteError as error:
                self.log.error("[dstruct-lite] %s", error)
                return False
            return True

        return guarded
