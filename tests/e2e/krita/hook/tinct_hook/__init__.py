"""Runs cases inside Krita, one step per turn of its main loop, and writes a verdict for each.

A case file defines ``case(t)``, a generator: ``yield 0.5`` resumes half a second later, ``yield
condition`` when the callable returns something true. Nothing here spins ``processEvents``: Krita
postpones layer-tree signals while an event handler is on the stack, so in a nested loop the Layers
panel never updates and the active node stays stale.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
import traceback

from krita import Krita
from PyQt5.QtCore import QTimer

TICK_MS = 10
STEP_LIMIT_S = 30
SRGB = "sRGB-elle-V2-srgbtrc.icc"


class Bench:
    """What a case gets: names, folders, and a place for figures."""

    def __init__(self, out, work):
        self.krita = Krita.instance()
        self.out, self.work = out, work
        self.figures = {}

    def note(self, name, value):
        """Record a figure in the case's verdict."""
        self.figures[name] = value
        print("figure", name, value, flush=True)

    def docker(self):
        """Return tinct's docker."""
        return next(d for d in self.krita.dockers() if d.objectName() == "tinct_docker")

    def new_document(self, width=64, height=48, depth="U8", model="RGBA", profile=SRGB, name="t"):
        """Return a document that asks nothing when it is saved, in a view; yield afterwards."""
        document = self.krita.createDocument(width, height, name, model, depth, profile, 72.0)
        document.setBatchmode(True)
        self.krita.activeWindow().addView(document)
        return document

    def ready(self, document):
        """Return a condition: the document is the active one and has its layers."""
        return lambda: self.krita.activeDocument() == document and document.activeNode() is not None

    def undo_text(self):
        """Return what undo would undo; "Undo" alone means an empty history."""
        return self.krita.action("edit_undo").text().strip().replace("&", "")

    def screenshot(self, name):
        """Save the whole window."""
        window = self.krita.activeWindow()
        if window is not None:  # a case may have closed it
            window.qwindow().grab().save(os.path.join(self.out, name + ".png"))


class Driver:
    """Runs the cases of a plan in their order."""

    def __init__(self, plan):
        self.plan = plan
        self.names = list(plan["cases"])
        self.timer = QTimer()
        self.timer.setInterval(TICK_MS)
        self.timer.timeout.connect(self.tick)
        self.steps = None
        self.defects = []
        sys.excepthook = self.note_defect  # Krita's own opens a dialog and waits
        self.timer.start()

    def note_defect(self, *error):
        """Fail the case: an exception got out of a handler of tinct's."""
        text = "".join(traceback.format_exception(*error))
        print(text, flush=True)
        self.defects.append(text)

    def begin(self):
        if not self.names:
            leave(0)
        self.name = self.names.pop(0)
        path = os.path.join(self.plan["folder"], self.name + ".py")
        work = os.path.join(self.plan["out"], self.name)
        os.makedirs(work, exist_ok=True)
        self.bench = Bench(self.plan["out"], work)
        self.started = time.monotonic()
        print("case", self.name, flush=True)
        names = {"__name__": "case_" + self.name, "__file__": path}
        sys.path.insert(0, self.plan["folder"])
        try:
            with open(path, encoding="utf-8") as script:
                exec(compile(script.read(), path, "exec"), names)
            self.steps = names["case"](self.bench)
        finally:
            sys.path.remove(self.plan["folder"])
        self.limit = float(names.get("LIMIT_S", 60))
        self.wait, self.since = 0.05, time.monotonic()

    def tick(self):
        self.timer.stop()  # a modal dialog inside a step must not re-enter this method
        faulthandler.dump_traceback_later(STEP_LIMIT_S, exit=True)  # a step that hangs says where
        try:
            if self.steps is None:
                self.begin()
            if time.monotonic() - self.started > self.limit:
                raise TimeoutError(f"more than {self.limit:g} s, waiting for {self.where()}")
            if self.defects:
                raise AssertionError("an exception got out of a handler")
            if self.ready():
                self.wait = next(self.steps) or 0
                self.since = time.monotonic()
        except StopIteration:
            self.end("")
        except BaseException:
            self.end(traceback.format_exc())
        faulthandler.cancel_dump_traceback_later()
        self.timer.start()

    def ready(self):
        if callable(self.wait):
            return self.wait()
        return time.monotonic() - self.since >= self.wait

    def where(self):
        frame = getattr(self.steps, "gi_frame", None)
        return f"line {frame.f_lineno}" if frame else "its start"

    def end(self, failure):
        failure = "\n".join([*self.defects, failure]) if self.defects else failure
        self.defects.clear()
        if self.steps is not None:
            self.steps.close()
        self.steps = None
        verdict = {
            "passed": not failure,
            "failure": failure,
            "seconds": round(time.monotonic() - self.started, 2),
            "figures": self.bench.figures,
        }
        print(failure or "passed", flush=True)
        if failure:
            self.bench.screenshot(self.name + "-failed")
        for document in Krita.instance().documents():
            document.setBatchmode(True)
            document.setModified(False)
            document.close()
        path = os.path.join(self.plan["out"], self.name + ".json")
        with open(path + ".part", "w", encoding="utf-8") as file:
            json.dump(verdict, file)
        os.replace(path + ".part", path)


def leave(code):
    for docker in Krita.instance().dockers():
        if docker.objectName() == "tinct_docker":
            docker.panel.session.end()  # what Krita's closing would do
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # an ordinary exit asks whether to save the documents


def start():
    global driver  # keeps the timer alive
    try:
        Krita.instance().setBatchmode(True)
        Krita.instance().activeWindow().qwindow().setGeometry(0, 0, 1600, 1000)
        with open(os.environ["TINCT_HOOK_PLAN"], encoding="utf-8") as file:
            driver = Driver(json.load(file))
    except BaseException:
        traceback.print_exc()
        leave(2)


def begin_once(*_):
    global begun
    if not begun:
        begun = True
        QTimer.singleShot(300, start)


begun = False
if os.environ.get("TINCT_HOOK_PLAN"):
    notifier = Krita.instance().notifier()
    notifier.setActive(True)
    notifier.windowCreated.connect(begin_once)
