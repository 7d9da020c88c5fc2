"""The real GIMP, installed as a user installs it, once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.editors import root
from e2e.gimp.gimp_host import GimpHost


@pytest.fixture(scope="session")
def gimp(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GimpHost]:
    """Return a GIMP with tinct in it, or skip (fail under ``--require-editors``)."""
    root.ready_or_skip(request.config)
    with root.engine("gimp") as engine:
        host = GimpHost(engine, tmp_path_factory.mktemp("gimp"))
        host.install()
        host.write_photographs()
        yield host
