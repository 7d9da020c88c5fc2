"""The catalog finds every file, starts fast and stays light."""

import json
import subprocess
import sys

import pytest

from tinct import catalog, operations
from tinct.errors import ParameterError

HEAVY = ("scipy", "skimage", "numba", "onnxruntime", "PIL")


def test_files_are_the_ids():
    names = {operation.id for operation in catalog.list_operations()}
    import pkgutil

    files = {module.name for module in pkgutil.iter_modules(operations.__path__)}
    assert names == {name.replace("_", "-") for name in files if not name.startswith("_")}


def test_unknown_operation_names_the_ones_there_are():
    with pytest.raises(ParameterError, match="scribble-colorize"):
        catalog.find_operation("paint")


def test_digest_follows_content():
    assert catalog.catalog_sha256() == catalog.catalog_sha256()
    assert len(catalog.catalog_sha256()) == 64


def test_listing_imports_nothing_heavy():
    code = (
        "import sys, json, tinct.catalog as c; c.to_info();"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
