"""Arguments become what the wire takes, unfit ones one sentence; the listing stays light."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal

import pytest

from tinct import catalog, cli, cli_bar, cli_doctor, cli_run, docs
from tinct.cli_arguments import given_parameters, given_pictures, operation_parser, parse_known
from tinct.declare import (
    Angle,
    Boxes,
    Color,
    FilePattern,
    Image,
    Input,
    Operation,
    Output,
    Palette,
    Range,
    Result,
    Seed,
)
from tinct.errors import FileError, ParameterError


def everything(
    image: Image,
    references: tuple[Image, ...] = (),
    *,
    edge_strength: Annotated[float, Range(0.0, 1.0, 0.01)] = 0.5,
    count: Annotated[int, Range(-5, 9)] = 3,
    sharp: bool = True,
    method: Literal["fast", "exact-one"] = "fast",
    ink: Color = Color(0, 0, 0),
    swatches: Palette = (),
    hue: Annotated[float, Angle()] = 0.0,
    seed: Annotated[int, Seed()] = 0,
    table: Annotated[Path | None, FilePattern("*.gpl")] = None,
    areas: Boxes = (),
) -> Result:
    """Take one of each kind, 100 % of them."""
    return {"colors": image, "layers": [("all", image)], "numbers": {"references": references}}


EVERYTHING = Operation.of(
    everything,
    id="everything",
    title="Everything",
    menu="Test",
    action="Do",
    inputs=[
        Input("image", "rgba", "Image"),
        Input("references", "rgb", "References", optional=True, many=True, same_size=False),
    ],
    outputs=[
        Output("colors", "rgba", "Colors"),
        Output("layers", "layers", "Layers"),
        Output("numbers", "data", "Numbers"),
    ],
    listed=False,
)


def parse(*arguments):
    return parse_known(operation_parser(EVERYTHING), EVERYTHING, arguments)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {}),
        (["--edge-strength", "0.25"], {"edge_strength": 0.25}),
        (["--count", "-5"], {"count": -5}),
        (["--no-sharp"], {"sharp": False}),
        (["--sharp"], {"sharp": True}),
        (["--method", "exact-one"], {"method": "exact-one"}),
        (["--ink", "#aabbcc"], {"ink": "#aabbcc"}),
        (["--swatches", "#aabbcc, #000000"], {"swatches": ["#aabbcc", "#000000"]}),
        (["--swatches="], {"swatches": []}),
        (["--hue", "359.5", "--seed", "7"], {"hue": 359.5, "seed": 7}),
        (["--table", "a.gpl"], {"table": str(Path("a.gpl").absolute())}),
        (
            ["--areas", "1,2,3,4:5,6,7,8;0,0,1,1:2,2,3,3", "--areas", "9,9,9,9:1,1,1,1"],
            {
                "areas": [
                    [[1, 2, 3, 4], [5, 6, 7, 8]],
                    [[0, 0, 1, 1], [2, 2, 3, 3]],
                    [[9, 9, 9, 9], [1, 1, 1, 1]],
                ]
            },
        ),
    ],
)
def test_parameters_take_the_wire_s_types(arguments, expected):
    assert given_parameters(EVERYTHING, parse(*arguments)) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--edge-strength", "1.7"], "edge_strength must be 0 to 1; got 1.7"),
        (["--edge-strength", "much"], "edge_strength must be 0 to 1; got 'much'"),
        (["--edge-strength", "nan"], "edge_strength must be 0 to 1"),
        (["--count", "2.5"], "count must be -5 to 9"),
        (["--method", "slow"], "method must be one of fast, exact-one; got 'slow'"),
        (["--ink", "red"], "ink must be a color such as #2a7fff"),
        (["--swatches", "#aabbcc,#12"], "swatches must be up to 256 colors"),
        (["--areas", "1,2,3:4,5,6,7"], "areas must be pairs of boxes"),
        (["--areas", "1,2,3,x:4,5,6,7"], "areas must be pairs of boxes"),
        (["--areas", "1,2,0,4:4,5,6,7"], "positive size"),
        (["--strength", "1"], "everything has no option --strength; it has -o, --out, --image"),
        (["--edge", "1"], "no option --edge"),
        (["loose"], "no option loose"),
        (["--edge-strength"], "expected one argument"),
        (["--outside", "gray"], "invalid choice"),
    ],
)
def test_unfit_parameters_are_one_sentence(arguments, words):
    with pytest.raises(ParameterError, match=words.replace("(", r"\(")) as caught:
        given_parameters(EVERYTHING, parse(*arguments))
    assert "\n" not in str(caught.value)


def test_pictures_by_role():
    found = given_pictures(
        EVERYTHING, parse("--image", "a.png", "--references", "b.png", "--references", "c.png")
    )
    assert found == {"image": ["a.png"], "references": ["b.png", "c.png"]}
    with pytest.raises(ParameterError, match=r"everything needs --image FILE \(Image\)"):
        given_pictures(EVERYTHING, parse())
    with pytest.raises(ParameterError, match="--image takes one picture, and 2 were given"):
        given_pictures(EVERYTHING, parse("--image", "a.png", "--image", "b.png"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-o", "a.png"], {"colors": Path("a.png")}),
        (
            ["-o", "a.png", "--out", "numbers=n.json"],
            {"colors": Path("a.png"), "numbers": Path("n.json")},
        ),
        (["--out", "layers=a=b.png"], {"layers": Path("a=b.png")}),
    ],
)
def test_targets_by_role(arguments, expected):
    assert cli_run._targets(EVERYTHING, parse(*arguments)) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Name a file for the result"),
        (["--out", "a.png"], "--out takes ROLE=FILE, ROLE being one of colors, layers, numbers"),
        (["--out", "sky=a.png"], "ROLE being one of"),
        (["--out", "layers="], "ROLE being one of"),
        (["-o", "a.png", "--out", "colors=b.png"], "'colors' was given two files"),
        (["-o", "a.png", "--out", "layers=./a.png"], "the same file"),
    ],
)
def test_unfit_targets_are_one_sentence(arguments, words):
    with pytest.raises(ParameterError, match=words):
        cli_run._targets(EVERYTHING, parse(*arguments))


def test_help_names_everything(capsys):
    with pytest.raises(SystemExit):
        parse("--help")
    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "--image FILE", "--references FILE", "--edge-strength NUMBER", "0 to 1 (default: 0.5)",
        "--sharp, --no-sharp", "one of fast, exact-one", "default: #000000", "100 % of them",
        "numbers (Numbers)", "--outside", "--preview", "--json",
    ):  # fmt: skip
        assert words in shown


@pytest.mark.parametrize("operation", catalog.list_operations(), ids=lambda each: each.id)
def test_every_operation_has_options(operation, capsys):
    with pytest.raises(SystemExit):
        operation_parser(operation).parse_args(["--help"])
    shown = capsys.readouterr().out
    for name in (
        *(role.role for role in operation.inputs),
        *(parameter.name for parameter in operation.parameters),
    ):
        assert "--" + name.replace("_", "-") in shown


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "COMMAND"),
        (["fly"], 2, "invalid choice: 'fly'"),
        (["list", "--fast"], 2, "unrecognized arguments: --fast"),
        (["run"], 2, "Name an operation first"),
        (["run", "nope"], 2, "There is no operation 'nope'"),
        (["run", "identity"], 2, "identity needs --image FILE"),
        (["run", "identity", "--image", "no.png", "-o", "a.png"], 1, "no.png does not exist"),
        (["docs", "--file", "no.md"], 1, "no.md does not exist"),
    ],
)
def test_failures_are_one_sentence_and_a_code(arguments, code, words, capsys):
    assert cli.main(arguments) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("tinct: ")
    assert words in shown.err
    assert shown.err.count("\n") == 1


def test_list_shows_what_is_listed_and_json_all(capsys):
    assert cli.main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    listed = [operation for operation in catalog.list_operations() if operation.listed]
    assert [line.split()[0] for line in lines] == [operation.id for operation in listed]
    for line, operation in zip(lines, listed, strict=True):
        assert line.endswith(operation.summary)
    assert cli.main(["list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == catalog.to_info()


def test_list_loads_nothing_heavy():
    code = (
        "import sys; from tinct.cli import main; main(['list']); "
        "print([name for name in ('numba', 'scipy', 'skimage', 'onnxruntime', 'PIL') "
        "if name in sys.modules])"
    )
    shown = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert shown.stdout.splitlines()[-1] == "[]"


def test_docs_write_the_table_between_the_marks(tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{docs.BEGIN}\nstale\n{docs.END}\nafter\n", "utf-8")
    assert cli.main(["docs", "--check", "--file", str(readme)]) == 1
    assert "stale; run: tinct docs" in capsys.readouterr().err
    assert cli.main(["docs", "--file", str(readme)]) == 0
    assert cli.main(["docs", "--check", "--file", str(readme)]) == 0
    text = readme.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith(f"{docs.END}\nafter\n")
    assert "stale" not in text
    for operation in catalog.list_operations():
        assert (f"| `{operation.id}` |" in text) is operation.listed
    readme.write_text("no marks", "utf-8")
    assert cli.main(["docs", "--file", str(readme)]) == 1
    assert readme.read_text("utf-8") == "no marks"


def test_doctor_names_a_missing_package_and_its_cure(monkeypatch, capsys):
    monkeypatch.setattr(cli_doctor, "PACKAGES", {"no-such-package": "no_such_package"})
    assert cli.main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "BROKEN no-such-package: is not installed. Run: " in shown
    assert "-m pip install no-such-package." in shown


def test_doctor_tells_of_an_engine_that_cannot_start(monkeypatch, capsys):
    monkeypatch.setenv("TINCT_WORKER", '["/no/such/engine"]')
    assert cli.main(["doctor", "--json"]) == 1
    found = {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["engine"]["state"] == "broken"
    assert "/no/such/engine" in found["engine"]["text"]
    assert found["Python"]["state"] == "good"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_bar_draws_on_a_terminal_only_and_clears_itself(monkeypatch):
    moments = iter(range(100))
    monkeypatch.setattr(cli_bar.time, "monotonic", lambda: next(moments))
    terminal, file = Terminal(), io.StringIO()
    for stream in (terminal, file):
        with cli_bar.Bar(stream) as bar:
            bar.show(0.5, "Solving")
            bar.show(1.0, "Writing")
    assert "[############............]  50% Solving" in terminal.getvalue()
    assert "[########################] 100% Writing" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert file.getvalue() == ""


def test_layers_and_data_go_to_files_of_their_own(tmp_path):
    import numpy as np

    from tinct.imagefile import ImageFile, Metadata
    from tinct.pixels import Picture

    picture = Picture(np.zeros((2, 3, 4), np.uint8))
    base = ImageFile(picture, Metadata())
    names = cli_run._store("layers", tmp_path / "a.png", [("x", picture), ("y", picture)], base)
    assert names == [str(tmp_path / "a-1.png"), str(tmp_path / "a-2.png")]
    assert cli_run._store("layers", tmp_path / "b.png", [], base) == []
    cli_run._store("data", tmp_path / "n.json", {"x": [1, 2]}, base)
    assert json.loads((tmp_path / "n.json").read_text()) == {"x": [1, 2]}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-1.png", "a-2.png", "n.json"]
    with pytest.raises(FileError, match="cannot be written"):
        cli_run._store("data", tmp_path / "no" / "n.json", {}, base)
