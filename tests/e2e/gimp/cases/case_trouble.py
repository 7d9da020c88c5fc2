"""GIMP's cancel, a dead engine and a killed plug-in: nothing stays behind, nothing is half done."""

from __future__ import annotations

import os
import threading
import time

from gi.repository import Gimp
from gimp_processes import engines, exchange_folders, kill, log_text, plugins
from gimp_support import SUCCESS, call, new_image, refused, state

WAIT_S = 45.0
LONG_S = 60.0


def wait_for(condition, what: str) -> None:
    until = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < until, f"waited in vain for {what}"
        time.sleep(0.05)


def run_and(act, image: Gimp.Image, **values):
    """Run identity for a long time while a thread, which never asks GIMP, does something."""
    problems = []
    begun = len(log_text())

    def guarded() -> None:
        try:
            wait_for(lambda: "queues identity" in log_text()[begun:], "the engine at work")
            act()
        except BaseException as error:
            problems.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    started = time.monotonic()
    result = call("identity", image, image.get_layers()[0], seconds=LONG_S, **values)
    seconds = time.monotonic() - started
    thread.join()
    assert not problems, problems
    assert seconds < LONG_S - 10
    return result


def test_nothing_runs_and_nothing_lies_about_before_or_after():
    assert engines() == []
    image = new_image()
    assert call("identity", image, image.get_layers()[0]).index(0) == SUCCESS
    wait_for(lambda: not engines(), "the engine's end")
    assert exchange_folders() == []


def test_an_engine_killed_in_the_middle_is_one_sentence():
    image = new_image()
    before = state(image)
    values = run_and(lambda: kill(*engines()), image)
    sentence = refused(values)
    assert "engine stopped" in sentence
    assert sentence.endswith(".")
    assert state(image) == before
    assert image.undo_is_enabled()
    assert exchange_folders() == []
    assert call("identity", image, image.get_layers()[0]).index(0) == SUCCESS  # the next works


def test_a_killed_plugin_takes_the_engine_and_its_files_along():
    image = new_image()  # GIMP's cancel is this signal
    before = state(image)
    values = run_and(lambda: kill(*plugins()), image)
    assert values.index(0) != SUCCESS
    wait_for(lambda: not engines(), "the engine's end")
    wait_for(lambda: not exchange_folders(), "the end of the files")
    assert state(image) == before
    assert image.undo_is_enabled()


def test_a_killed_plugin_group_leaves_the_engine_time_to_clean_up():
    image = new_image()

    def act() -> None:
        one = plugins()[0]
        group = os.getpgid(one)
        assert group != os.getpgid(engines()[0])
        kill(one)

    run_and(act, image)
    wait_for(lambda: not engines(), "the engine's end")
    assert exchange_folders() == []
