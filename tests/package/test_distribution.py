"""What `pip install` gets: wheel and sdist hold the built front ends, and the sdist alone gives the wheel."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """The names in the sdist, and in the wheel that the sdist gives on a machine without npm."""
    into = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(into)]
    subprocess.run([*build, "--sdist", str(ROOT)], check=True)
    (sdist,) = into.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = ["/".join(name.split("/")[1:]) for name in archive.getnames()]
        archive.extractall(into / "unpacked", filter="data")
    (tree,) = (into / "unpacked").iterdir()
    subprocess.run(
        [*build, "--wheel", str(tree)], check=True, env={"PATH": "/nonexistent", "HOME": str(into)}
    )
    (wheel,) = into.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return names, archive.namelist()


def test_the_sdist_holds_sources_and_bundles(built: tuple[list[str], list[str]]) -> None:
    sdist, _ = built
    for name in (
        "dstruct_lite/static/widget.js",
        "dstruct_lite/static/runner/runner.js",
        "dstruct_lite/labextension/package.json",
        "harness/dstruct_harness/__init__.py",
        "dstruct/__init__.py",
        "viewer/package.json",
        "watchdog/package.json",
        "runner/src/glue.py",
        "package-lock.json",
        "hatch_build.py",
        "LICENSE",
    ):
        assert name in sdist
    assert not [name for name in sdist if "node_modules" in name or name.startswith((".venv", "_site"))]


def test_the_wheel_installs_packages_bundles_and_labextension(built: tuple[list[str], list[str]]) -> None:
    _, wheel = built
    shared = [name.split(".data/data/")[1] for name in wheel if ".data/data/" in name]
    for name in (
        "dstruct_harness/__init__.py",
        "dstruct_lite/__init__.py",
        "dstruct/__init__.py",
        "dstruct_lite/static/widget.js",
        "dstruct_lite/static/runner/worker.js",
        "dstruct_lite/site/requirements.txt",
    ):
        assert name in wheel
    extension = "share/jupyter/labextensions/dstruct-lite/"
    assert {f"{extension}package.json", f"{extension}install.json"} <= set(shared)
    assert [name for name in shared if name.startswith(f"{extension}static/remoteEntry")]


def test_a_host_s_wheel_never_touches_ipython_s_configuration(built: tuple[list[str], list[str]]) -> None:
    _, wheel = built
    assert not [name for name in wheel if "ipython_config" in name]
    assert not [name for name in wheel if name.startswith("dstruct_lite/labextension")]
