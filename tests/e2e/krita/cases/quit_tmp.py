import os
from krita_support import exact, fill, gray_ramp, paint, panel_of
def case(t):
    mode=os.environ.get("QM","a")
    if mode!="a":
        document = t.new_document(96, 64)
        yield t.ready(document)
        if mode in "cde":
            panel = panel_of(t); panel.choose_operation("scribble-colorize"); panel.refresh()
            if mode=="c": panel.choose_operation("identity"); panel.refresh(); panel.run(); yield lambda: panel.job is None
            if mode in "de": panel.new_strokes(); yield .5
            if mode=="e":
                panel.set_live(True); yield .5; panel.discard(); yield .5
        document.setModified(False)
    print("engine runs")
    t.krita.action("file_quit").trigger()
    yield 20.0
    raise AssertionError("Krita did not close")
