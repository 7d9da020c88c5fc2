"""Start the worker: ``python -I -m tinct.worker``."""

from __future__ import annotations

import faulthandler
import os
import signal
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Serve the client on standard input and output until its end."""
    output = _claim_stdout()
    faulthandler.enable()  # a crash in compiled code leaves its stack in the log
    with suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the client decides when to stop
    # Only now: whatever these print while they load goes to the log.
    from tinct.warm import warm
    from tinct.worker.handlers import Server

    Server(0, output, warm).serve()


def _claim_stdout() -> int:
    """Keep standard output for the protocol; prints of any library go to standard error."""
    output = os.dup(1)
    os.set_inheritable(output, False)
    os.dup2(2, 1)
    return output


if __name__ == "__main__":
    main()
