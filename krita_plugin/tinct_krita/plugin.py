"""Registers docker and actions, and ends the engine with Krita."""

from __future__ import annotations

from krita import DockWidgetFactory, DockWidgetFactoryBase, Krita

from .docker import TinctDocker, session
from .extension import DOCKER, TinctExtension
from .texts import use_krita_language


def register() -> None:
    """Add tinct to this Krita; the engine starts at first use."""
    use_krita_language()
    application = Krita.instance()
    application.addExtension(TinctExtension(application))
    application.addDockWidgetFactory(
        DockWidgetFactory(DOCKER, DockWidgetFactoryBase.DockPosition.DockRight, TinctDocker)
    )
    notifier = application.notifier()
    notifier.setActive(True)
    notifier.applicationClosing.connect(lambda: session().end())
