"""The site build: what goes to the browser, under which names and hashes, and what is refused."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from dstruct_lite import preload
from dstruct_lite.serve import SiteServer
from dstruct_lite.site import pyodide_core, wheels
from dstruct_lite.site.assemble import Assembled, assemble, kernel_settings
from dstruct_lite.site.errors import SiteError
from dstruct_lite.site.landing import landing_page
from dstruct_lite.site.lock import build_lock, entry_of, rebase
from dstruct_lite.site.own_wheel import (
    PRELOAD_PATH,
    PackedWheel,
    build_harness_wheel,
    build_own_wheel,
    build_placeholder,
)
from dstruct_lite.site.runner import BUNDLES, write_runner
from dstruct_lite.site.source import PyodideSource, resolve_source

INFO = {"python": "3.14.2", "abi_version": "2026_0", "arch": "wasm32", "platform": "emscripten_5_0_3"}


def make_wheel(name: str, version: str = "1.0", requires: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    stem = f"{name}-{version}"
    meta = "".join(f"Requires-Dist: {line}\n" for line in requires)
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}_single.py", "")
        archive.writestr(f"{stem}.data/data/etc/x.py", "")
        archive.writestr(f"{stem}.dist-info/METADATA", f"Name: {name}\nVersion: {version}\n{meta}\n")
    return out.getvalue()


def make_pyodide(directory: Path, packages: dict[str, dict[str, object]] | None = None) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    for name in pyodide_core.CORE_FILES:
        (directory / name).write_text(f"{name} of a test")
    lock = {"info": INFO, "packages": packages or {}}
    (directory / pyodide_core.LOCK_FILE).write_text(json.dumps(lock))
    return directory


def source_of(tmp_path: Path) -> PyodideSource:
    return resolve_source(str(make_pyodide(tmp_path / "pyodide")), tmp_path, "0", tmp_path / "cache")


# --- the lock file ---


def test_an_entry_says_what_the_wheel_says(tmp_path: Path) -> None:
    data = make_wheel(
        "some_thing", "2.1", ("Other>=1", "host; sys_platform != 'emscripten'", "opt; extra == 'x'")
    )
    entry = entry_of("some_thing-2.1-py3-none-any.whl", data, "w.whl", source_of(tmp_path).environment)
    assert entry["name"] == "some-thing"
    assert entry["version"] == "2.1"
    assert entry["imports"] == ["some_thing", "some_thing_single"]
    assert entry["depends"] == ["other"]
    assert entry["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_lock_has_one_entry_a_name_and_no_dangling_dependency() -> None:
    entry = {"name": "A", "depends": ["b", "absent"], "version": "1"}
    lock = build_lock(INFO, [entry, {"name": "b", "depends": [], "version": "1"}, {**entry, "version": "2"}])
    assert list(lock["packages"]) == ["a", "b"]
    assert lock["packages"]["a"]["version"] == "2"
    assert lock["packages"]["a"]["depends"] == ["b"]
    assert entry["depends"] == ["b", "absent"], "what was given is left as it was"


def test_rebase_leaves_absolute_names_alone() -> None:
    assert rebase({"file_name": "a.whl"}, "https://x.example/p/")["file_name"] == "https://x.example/p/a.whl"
    assert rebase({"file_name": "https://y.example/a.whl"}, "https://x.example/")["file_name"].startswith(
        "https://y"
    )


# --- our own wheel ---


def test_our_wheel_preloads_the_extension_and_has_no_host_only_part() -> None:
    wheel = build_own_wheel()
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        names = archive.namelist()
        stem = next(n for n in names if n.endswith("/METADATA")).removesuffix(".dist-info/METADATA")
        preload = archive.read(f"{stem}.data/data/{PRELOAD_PATH}").decode()
        record = list(csv.reader(archive.read(f"{stem}.dist-info/RECORD").decode().splitlines()))
        digests = {name: archive.read(name) for name in names}
    config = type("Config", (), {})()
    config.InteractiveShellApp = type("App", (), {"extensions": []})()
    exec(preload, {"c": config})
    assert config.InteractiveShellApp.extensions == ["dstruct_lite.preload", "dstruct_lite"]
    assert "dstruct_lite/__init__.py" in names
    assert any(name.startswith("dstruct_harness/") for name in names)
    for unwanted in (
        "addon",
        "cli.py",
        "serve.py",
        "/site/",
        "labextension",
        "static/runner",
        "__pycache__",
        ".map",
    ):
        assert not [name for name in names if unwanted in name], unwanted
    assert sorted(names) == sorted(row[0] for row in record)
    for name, digest, size in record:
        if digest:
            expected = base64.urlsafe_b64encode(hashlib.sha256(digests[name]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(digests[name])))


def test_our_wheel_is_named_by_its_content() -> None:
    first, second = build_own_wheel(), build_own_wheel()
    assert first == second
    assert first.name.endswith("-py3-none-any.whl")


def test_the_browser_s_wheel_needs_nothing_that_was_left_out(tmp_path: Path) -> None:
    """Every module in it can be imported from it alone, and a run in a process is refused, not broken."""
    with zipfile.ZipFile(io.BytesIO(build_own_wheel().data)) as archive:
        archive.extractall(tmp_path)
    modules = [
        str(path.relative_to(tmp_path).with_suffix("")).replace(os.sep, ".").removesuffix(".__init__")
        for path in sorted(tmp_path.rglob("*.py"))
        if ".data" not in str(path)
    ]
    assert "dstruct" in modules
    assert "dstruct_lite.isolation.limits" in modules
    assert "dstruct_lite.isolation.process" not in modules
    program = (
        f"import importlib, sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
        f"for name in {modules!r}:\n    module = importlib.import_module(name)\n"
        f"    assert module.__file__.startswith({str(tmp_path)!r}), module.__file__\n"
        "sys.platform = 'emscripten'\n"
        "import dstruct_lite\n"
        "assert dstruct_lite.execute('print(1)').output == '1\\n'\n"
        "try:\n    dstruct_lite.execute('print(1)', mode='server')\n"
        "except dstruct_lite.IsolationUnavailableError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "runs in the browser" in done.stdout


def test_the_recorder_s_wheel_holds_the_recorder_and_the_annotation_calls() -> None:
    wheel = build_harness_wheel()
    assert wheel.name.startswith("dstruct_harness-")
    with zipfile.ZipFile(io.BytesIO(wheel.data)) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dstruct", "dstruct_harness"}


def test_a_placeholder_has_a_name_and_nothing_else(tmp_path: Path) -> None:
    wheel = build_placeholder("jedi")
    entry = entry_of(wheel.name, wheel.data, wheel.name, source_of(tmp_path).environment)
    assert (entry["name"], entry["imports"], entry["depends"]) == ("jedi", [], [])


def test_the_kernel_completes_without_jedi(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(Completer=SimpleNamespace(use_jedi=True))
    preload.load_ipython_extension(shell)
    assert shell.Completer.use_jedi is True, "where jedi is, it stays on"
    monkeypatch.setattr(preload, "find_spec", lambda name: None)
    preload.load_ipython_extension(shell)
    assert shell.Completer.use_jedi is False


# --- where Pyodide comes from ---


def test_a_directory_brings_the_packages_it_holds_and_no_others(tmp_path: Path) -> None:
    there = {"name": "there", "file_name": "there-1.whl", "depends": []}
    absent = {"name": "absent", "file_name": "absent-1.whl", "depends": []}
    directory = make_pyodide(tmp_path / "dist", {"there": there, "absent": absent})
    (directory / "there-1.whl").write_bytes(b"wheel")
    source = resolve_source("dist", tmp_path, "0", tmp_path / "cache")
    assert [entry["name"] for entry in source.entries] == ["there"]
    assert (source.python, source.platform) == ("3.14", "pyemscripten_2026_0_wasm32")
    (directory / "pyodide.mjs").write_text("another")
    assert resolve_source("dist", tmp_path, "0", tmp_path / "cache").key != source.key


def test_what_is_no_pyodide_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"no pyodide\.mjs"):
        resolve_source("nowhere", tmp_path, "0", tmp_path)
    directory = make_pyodide(tmp_path / "dist")
    (directory / pyodide_core.LOCK_FILE).write_text('{"info": {}}')
    with pytest.raises(SiteError, match="pyodide-lock"):
        resolve_source("dist", tmp_path, "0", tmp_path)


def test_a_url_is_asked_for_its_packages(tmp_path: Path) -> None:
    entry = {"name": "numpy", "file_name": "numpy-2.whl", "depends": []}
    root = make_pyodide(tmp_path / "dist", {"numpy": entry})
    (root / "index.html").touch()
    with SiteServer(root, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = resolve_source(server.url.rstrip("/"), tmp_path, "0", tmp_path / "cache")
        gone = server.url
        server.shutdown()
    assert source.url == gone
    assert [e["file_name"] for e in source.entries] == [f"{gone}numpy-2.whl"]
    assert source.files == ()
    with pytest.raises(SiteError, match="cannot be read"):
        resolve_source(gone, tmp_path, "0", tmp_path / "cache")


def test_the_kernel_s_pyodide_is_one_we_vetted() -> None:
    from jupyterlite_pyodide_kernel import constants

    assert pyodide_core.expected_integrity(constants.PYODIDE_VERSION).startswith("sha512-")
    with pytest.raises(SiteError, match="999"):
        pyodide_core.expected_integrity("999.0.0")


def test_a_package_that_is_not_the_vetted_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pack(version: str, scratch: Path) -> Path:
        (scratch / "pyodide.tgz").write_bytes(b"something else")
        return scratch / "pyodide.tgz"

    monkeypatch.setattr(pyodide_core, "_npm_pack", pack)
    with pytest.raises(SiteError, match="not the vetted package"):
        pyodide_core.fetch_core("314.0.6", tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_machine_without_npm_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SiteError, match="Install Node 20"):
        pyodide_core.fetch_core("314.0.6", tmp_path / "cache")


# --- the wheels ---


def test_a_cached_wheel_that_is_not_the_locked_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = make_wheel("good")
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"good==1.0 --hash=sha256:{hashlib.sha256(good).hexdigest()}\n")
    downloads = []

    def download(into: Path, python: str, platform: str, requirements: Path) -> None:
        downloads.append((python, platform))
        into.mkdir()
        (into / "good-1.0-py3-none-any.whl").write_bytes(good)

    monkeypatch.setattr(wheels, "_pip_download", download)
    (found,) = wheels.fetch_wheels(tmp_path / "cache", "3.14", "pyemscripten_2026_0_wasm32", lock)
    assert wheels.fetch_wheels(tmp_path / "cache", "3.14", "pyemscripten_2026_0_wasm32", lock) == (found,)
    assert downloads == [("3.14", "pyemscripten_2026_0_wasm32")], "the second build downloads nothing"
    found.write_bytes(b"tampered with")
    with pytest.raises(SiteError, match="not what the lock says"):
        wheels.fetch_wheels(tmp_path / "cache", "3.14", "pyemscripten_2026_0_wasm32", lock)


@pytest.mark.parametrize("lock", [wheels.REQUIREMENTS, Path(__file__).parents[2] / "locks" / "dev.txt"])
def test_lock_files_have_hashes_and_no_addresses(lock: Path) -> None:
    text = lock.read_text()
    pins = [line for line in text.splitlines() if "==" in line.split(";")[0]]
    assert pins
    assert len(wheels.locked_hashes(lock)) >= len(pins)
    assert "://" not in text
    assert "--index-url" not in text


# --- the site's directory ---


def test_the_directory_holds_all_that_the_lock_names(tmp_path: Path) -> None:
    output = tmp_path / "site"
    (output / "static" / "pyodide" / "stale").mkdir(parents=True)
    kernel = tmp_path / "pypi"
    kernel.mkdir()
    for version in ("3.6.999", "4.0.999"):
        (kernel / f"shim-{version}-py3-none-any.whl").write_bytes(make_wheel("shim", version))
    wheel = tmp_path / "dep-1.0-py3-none-any.whl"
    wheel.write_bytes(make_wheel("dep"))
    own = PackedWheel("own-1.0-0abc-py3-none-any.whl", make_wheel("own", "1.0", ("dep",)))
    source = source_of(tmp_path)

    made = assemble(output, source, [wheel], kernel.glob("*.whl"), [own])

    directory = output / "static" / "pyodide" / source.key
    assert made.pyodide_url == f"./static/pyodide/{source.key}/pyodide.mjs"
    assert made.packages == ("dep", "own", "shim")
    packages = json.loads((output / made.lock_url).read_text())["packages"]
    assert packages["shim"]["version"] == "4.0.999"
    assert packages["own"]["depends"] == ["dep"]
    for entry in packages.values():
        served = (directory / entry["file_name"]).read_bytes()
        assert hashlib.sha256(served).hexdigest() == entry["sha256"]
    assert {path.name for path in directory.iterdir()} == {
        *pyodide_core.CORE_FILES,
        pyodide_core.LOCK_FILE,
        *(entry["file_name"] for entry in packages.values()),
    }
    assert not (output / "static" / "pyodide" / "stale").exists()


def test_the_author_s_settings_are_kept(tmp_path: Path) -> None:
    wheels = [PackedWheel(f"{name}-1.0-py3-none-any.whl", make_wheel(name)) for name in ("own", "mine")]
    made = assemble(tmp_path / "site", source_of(tmp_path), [], [], wheels)
    author = {"disablePyPIFallback": False, "loadPyodideOptions": {"packages": ["Mine"], "fullStdLib": True}}
    settings = kernel_settings(author, author, made)
    assert settings["disablePyPIFallback"] is False
    assert settings["loadPyodideOptions"]["packages"] == ["Mine", "mine", "own"]
    assert settings["loadPyodideOptions"]["fullStdLib"] is True
    assert kernel_settings({}, {}, made)["disablePyPIFallback"] is True


def test_an_earlier_build_s_packages_are_forgotten(tmp_path: Path) -> None:
    own = PackedWheel("own-1.0-py3-none-any.whl", make_wheel("own"))
    made = assemble(tmp_path / "site", source_of(tmp_path), [], [], [own])
    earlier = {"pipliteUrls": ["./x"], "loadPyodideOptions": {"packages": ["gone"]}}
    settings = kernel_settings(earlier, {}, made)
    assert settings["loadPyodideOptions"]["packages"] == ["own"]
    assert settings["pipliteUrls"] == ["./x"]
    with pytest.raises(SiteError, match="gone"):
        kernel_settings(earlier, earlier, made)


# --- the runner ---


def make_static(directory: Path) -> Path:
    for name in (*(f"runner/{bundle}" for bundle in BUNDLES), "viewer.js"):
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name} of a test")
    return directory


def test_the_runner_finds_pyodide_and_the_recorder_among_the_site_s_own_files(tmp_path: Path) -> None:
    output = tmp_path / "site"
    (output / "runner").mkdir(parents=True)
    (output / "runner" / "stale.js").write_text("")
    made = assemble(output, source_of(tmp_path), [], [], [])
    harness = PackedWheel("dstruct_harness-1.0-0abc-py3-none-any.whl", b"wheel")
    write_runner(output, make_static(tmp_path / "static"), made, harness)
    runner = output / "runner"
    manifest = json.loads((runner / "runner.json").read_text())
    assert (runner / manifest["indexURL"] / "pyodide.mjs").is_file()
    assert (runner / manifest["lockURL"]).is_file()
    assert (runner / manifest["harness"]).read_bytes() == b"wheel"
    for name, size in manifest["sizes"].items():
        assert (runner / manifest["indexURL"] / name).stat().st_size == size
    assert {path.name for path in runner.iterdir()} == {*BUNDLES, "viewer.js", "runner.json", harness.name}


def test_a_pyodide_elsewhere_stays_elsewhere(tmp_path: Path) -> None:
    made = Assembled("https://x.example/p/pyodide.mjs", "./static/pyodide/k/lock.json", (), frozenset())
    write_runner(tmp_path, make_static(tmp_path / "static"), made, PackedWheel("h.whl", b""))
    manifest = json.loads((tmp_path / "runner" / "runner.json").read_text())
    assert manifest["indexURL"] == "https://x.example/p/"
    assert manifest["lockURL"] == "../static/pyodide/k/lock.json"
    assert manifest["sizes"] == {}


def test_a_front_end_that_is_not_built_is_named(tmp_path: Path) -> None:
    made = Assembled("./p/pyodide.mjs", "./p/lock.json", (), frozenset())
    (make_static(tmp_path / "static") / "runner" / "worker.js").unlink()
    with pytest.raises(SiteError, match=r"worker\.js is not built"):
        write_runner(tmp_path, tmp_path / "static", made, PackedWheel("h.whl", b""))


def test_the_landing_page_keeps_what_the_applications_read_from_it() -> None:
    seen: dict[str, dict[str, str | None]] = {}
    text: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.setdefault(dict(attrs).get("id") or tag, dict(attrs))

        def handle_data(self, data: str) -> None:
            text.append(data)

    page = landing_page('lab/index.html?path=a&b="</script><b>')
    reader = Reader()
    reader.feed(page)
    assert seen["jupyter-config-data"]["data-jupyter-lite-root"] == "."
    assert json.loads(next(part for part in text if part.strip() == "{}")) == {}
    assert page.count("</script>") == 2, "a target cannot close the script"
    assert "b" not in seen
