"""Play an editor's plug-in: start a run, say which process and folder serve it, then wait."""

from __future__ import annotations

import json
import sys

sys.path.insert(0, sys.argv[1])

from tinct_client.process import Engine

engine = Engine("dying", "1", command=json.loads(sys.argv[2]))
picture = engine.exchange.write(bytes(4), 1, 1)
call = engine.submit_run("misbehave", {"image": picture}, {"manner": sys.argv[3]})
while not call.stage:
    engine.poll(1.0)
print(json.dumps({"pid": engine.pid, "folder": engine.exchange.path}), flush=True)
sys.stdin.read()
