"""The real command in a process of its own, through the client and the engine's process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

ROOT = Path(__file__).resolve().parents[3]
ENGINE = str(ROOT / "engine")
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture
def command(tmp_path):
    """Return the command, its environment and a folder for pixels that must end up empty."""
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    environment = os.environ | {
        "PYTHONPATH": ENGINE,
        "TINCT_EXCHANGE": str(exchange),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    yield [sys.executable, "-m", "tinct"], environment
    assert list(exchange.iterdir()) == [], "pixel files were left behind"


@pytest.fixture
def tinct(command):
    def call(*arguments, **options):
        words, environment = command
        return subprocess.run(
            [*words, *map(str, arguments)],
            env=environment, capture_output=True, text=True, timeout=60, check=False, **options,
        )  # fmt: skip

    return call


def save_random(path, shape, dtype=np.uint8, **options):
    random = np.random.default_rng(0)
    if np.dtype(dtype).kind == "u":
        stored = random.integers(0, np.iinfo(dtype).max + 1, shape).astype(dtype)
    else:
        stored = random.uniform(-0.5, 2, shape).astype(dtype)
    if path.suffix == ".tif":
        colors = "rgb" if len(shape) == 3 else "minisblack"
        tifffile.imwrite(path, stored, photometric=colors, **options)
    else:
        Image.fromarray(stored).save(path, **options)
    return stored


@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
def test_identity_keeps_every_pixel(tinct, tmp_path, channels):
    if channels == (2,):
        stored = np.random.default_rng(0).integers(0, 256, (19, 23, 2)).astype(np.uint8)
        Image.frombytes("LA", (23, 19), stored.tobytes()).save(tmp_path / "a.png")
    else:
        stored = save_random(tmp_path / "a.png", (19, 23, *channels))
    done = tinct("run", "identity", "--image", tmp_path / "a.png", "-o", tmp_path / "b.png")
    assert (done.returncode, done.stderr) == (0, "")
    assert "b.png: 23 x 19 pixels" in done.stdout
    with Image.open(tmp_path / "b.png") as image:
        found = np.asarray(image)
    if not channels:
        stored = np.repeat(stored[..., np.newaxis], 3, axis=2)  # color widens gray
    elif channels == (2,):
        stored = stored[..., [0, 0, 0, 1]]
    np.testing.assert_array_equal(found, stored)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_depth_profile_and_resolution_are_kept(tinct, tmp_path, dtype):
    stored = save_random(
        tmp_path / "a.tif", (19, 23, 3), dtype, iccprofile=PROFILE, resolution=(240, 240),
        resolutionunit="INCH",
    )  # fmt: skip
    done = tinct("run", "identity", "--image", tmp_path / "a.tif", "-o", tmp_path / "b.tif")
    assert (done.returncode, done.stderr) == (0, "")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        page = file.pages.first
        np.testing.assert_array_equal(page.asarray(), stored)
        assert page.tags[34675].value == PROFILE
        assert page.tags["XResolution"].value[0] / page.tags["XResolution"].value[1] == 240


def test_region_and_transparent_outside(tinct, tmp_path):
    stored = save_random(tmp_path / "a.png", (19, 23, 3))
    mask = np.zeros((19, 23), np.uint8)
    mask[:, 10:] = 255
    Image.fromarray(mask).save(tmp_path / "m.png")
    done = tinct(
        "run", "identity", "--image", tmp_path / "a.png", "--region", tmp_path / "m.png",
        "--outside", "transparent", "-o", tmp_path / "b.png", "--preview",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found = np.asarray(Image.open(tmp_path / "b.png"))
    np.testing.assert_array_equal(found[..., 3], mask)
    np.testing.assert_array_equal(found[:, 10:, :3], stored[:, 10:])


def test_json_report(tinct, tmp_path):
    save_random(tmp_path / "a.png", (5, 6, 3))
    done = tinct(
        "run", "identity", "--image", tmp_path / "a.png", "--out", f"colors={tmp_path}/b.webp",
        "--seconds", "0.05", "--json",
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert report["operation"] == "identity"
    assert report["files"] == {"colors": [f"{tmp_path}/b.webp"]}
    assert report["seconds"] >= 0.05
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--image", "{a}", "-o", "{d}/b.gif"], 1, "no format tinct writes; end it in PNG"),
        (["--image", "{deep}", "-o", "{d}/b.jpg"], 1, "JPEG cannot hold 16 bits"),
        (["--image", "{a}", "--outside", "transparent", "-o", "{d}/b.bmp"], 1, "transparency"),
        (["--image", "{a}", "-o", "{d}/no/b.png"], 1, "create this folder first"),
        (["--image", "{short}", "-o", "{d}/b.png"], 1, "damaged or cut short"),
        (["--image", "{a}", "--region", "{deep}", "-o", "{d}/b.png"], 1, "same size"),
        (["--image", "{a}", "--seconds", "99", "-o", "{d}/b.png"], 2, "must be 0 to 60"),
        (["--image", "{a}", "--second", "9", "-o", "{d}/b.png"], 2, "no option --second"),
        (["--region", "{a}", "-o", "{d}/b.png"], 2, "needs --image FILE"),
        (["--image", "{a}"], 2, "Name a file for the result"),
    ],
)
def test_failures_leave_nothing(tinct, tmp_path, arguments, code, words):
    save_random(tmp_path / "a.png", (19, 23, 3))
    save_random(tmp_path / "deep.tif", (5, 5, 3), np.uint16)
    (tmp_path / "short.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    names = {
        "a": tmp_path / "a.png", "deep": tmp_path / "deep.tif", "short": tmp_path / "short.png",
        "d": tmp_path,
    }  # fmt: skip
    before = sorted(path.name for path in tmp_path.iterdir())
    done = tinct("run", "identity", *(word.format(**names) for word in arguments))
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    after = sorted(path.name for path in tmp_path.iterdir() if path.name != "state")
    assert after == before


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_leaves_nothing(command, tmp_path, number, code):
    words, environment = command
    save_random(tmp_path / "a.png", (19, 23, 3))
    target = tmp_path / "b.png"
    target.write_bytes(b"old")
    process = subprocess.Popen(
        [*words, "run", "identity", "--image", tmp_path / "a.png", "--seconds", "50", "-o", target],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    exchange = Path(environment["TINCT_EXCHANGE"])
    deadline = time.monotonic() + 30
    while not list(exchange.glob("*/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    children = children_of(process.pid)
    process.send_signal(number)
    shown = process.communicate(timeout=20)
    assert process.returncode == code
    if number == signal.SIGINT:
        assert shown == ("", "tinct: cancelled.\n")
    assert target.read_bytes() == b"old"
    while any(runs(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(runs(child) for child in children)


def children_of(parent):
    """Return the ids of a process's children, where the system tells."""
    path = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_progress_shows_on_a_terminal(command, tmp_path):
    import pty

    words, environment = command
    save_random(tmp_path / "a.png", (19, 23, 3))
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [*words, "run", "identity", "--image", tmp_path / "a.png", "--seconds", "1",
         "-o", tmp_path / "b.png"],
        env=environment, stdout=subprocess.DEVNULL, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    shown = b""
    while True:
        try:
            data = os.read(leader, 4096)
        except OSError:
            break  # the other side closed
        if not data:
            break
        shown += data
    os.close(leader)
    assert process.wait(30) == 0
    assert b"Waiting" in shown
    assert shown.count(b"\r") > 3
    assert shown.endswith(b"\r\x1b[K")


def test_reader_that_leaves_early_is_no_error(command):
    words, environment = command
    process = subprocess.Popen(
        [*words, "list", "--json"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    assert process.wait(30) in (0, 1)
    assert process.stderr.read() == b""
    process.stderr.close()


def test_version_and_light_listing(tinct):
    assert tinct("--version").stdout.startswith("tinct ")
    assert tinct("list").returncode == 0


def test_doctor_finds_all_well(tinct):
    done = tinct("doctor", "--json")
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    for what in ("Python", "numpy", "log", "pixels", "operations", "engine"):
        assert findings[what]["state"] == "good", findings[what]
