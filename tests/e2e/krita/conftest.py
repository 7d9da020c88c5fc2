"""The real Kritas, tinct installed in each as a user does, once for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.editors import root
from e2e.krita.krita_host import KritaHost, KritaInRoot, KritaOnHost


@pytest.fixture(scope="session")
def krita_52(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KritaHost]:
    """Return Krita 5.2 with tinct in it, or skip (fail under ``--require-editors``)."""
    root.ready_or_skip(request.config)
    with root.engine("krita") as engine:
        host = KritaInRoot(tmp_path_factory.mktemp("krita52"), engine)
        host.install()
        yield host


@pytest.fixture(scope="session")
def krita_51(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> KritaHost:
    """Return Krita 5.1 with tinct in it, or skip."""
    problem = KritaOnHost.why_not()
    if problem:
        # the one Krita that only a Debian 12 has: its absence is told, but fails nothing
        pytest.skip(problem)
    host = KritaOnHost(tmp_path_factory.mktemp("krita51"))
    host.install()
    return host
