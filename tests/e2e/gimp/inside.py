"""Runs one file of cases inside GIMP, whose Python console executes this."""

import os
import sys

import pytest

cases = os.environ["TINCT_CASES"]
folder = os.path.dirname(cases)
sys.path.insert(0, folder)
report = os.path.join(os.environ["TINCT_OUT"], os.path.basename(cases)[:-3] + ".xml")
options = ["-q", "-c", "/dev/null", "--rootdir", folder, "--confcutdir", folder, "-o"]
options += ["python_files=case_*.py", "-p", "no:cacheprovider", f"--junitxml={report}"]
if chosen := os.environ.get("TINCT_CHOSEN"):
    options += ["-k", chosen]
pytest.main([*options, cases])
sys.stdout.flush()
