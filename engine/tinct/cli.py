"""The command ``tinct``: which subcommand does what, and how failures look."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import tinct
from tinct import cli_install, cli_models
from tinct.errors import Cancelled, ParameterError, TinctError
from tinct_client import errors as client_errors

__all__ = ["main"]

DONE, FAILED, USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
DESCRIPTION = "Color for black-and-white photographs, line art and designs."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments
        What follows ``tinct``; by default this process's.

    Returns
    -------
    int
        0 done, 1 failed, 2 asked for what is not there, 130 interrupted. Failures are one
        sentence on standard error.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    with suppress(ValueError):  # only the main thread may
        signal.signal(signal.SIGTERM, _terminate)
    try:
        return _dispatch(given)
    except (KeyboardInterrupt, Cancelled, client_errors.Cancelled):
        return _say("cancelled.", INTERRUPTED)
    except (ParameterError, client_errors.InvalidParameter) as error:
        return _say(str(error), USAGE)
    except (TinctError, client_errors.EngineError) as error:
        return _say(str(error), FAILED)
    except BrokenPipeError:
        # whoever read our output has gone; nothing is left to say, not even by Python at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _dispatch(given: list[str]) -> int:
    if given and given[0] == "run":
        # its options are those of the operation, which is only known now
        from tinct import cli_run

        return cli_run.run(given[1:])
    arguments = _parser().parse_args(given)
    code: int = arguments.handler(arguments)
    sys.stdout.flush()
    return code


def _say(sentence: str, code: int) -> int:
    print(f"tinct: {sentence}", file=sys.stderr)
    return code


def _terminate(number: int, frame: object) -> NoReturn:
    raise SystemExit(TERMINATED)  # so that the engine and its files go too


def _parser() -> argparse.ArgumentParser:
    from tinct.cli_arguments import Parser

    parser = Parser(prog="tinct", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"tinct {tinct.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="list the operations", description=_list.__doc__)
    listing.add_argument("--json", action="store_true", help="print the whole catalog")
    listing.set_defaults(handler=_list)
    commands.add_parser("run", help="run an operation on files", add_help=False)
    doctor = commands.add_parser(
        "doctor", help="say what is missing and what to do", description=_doctor.__doc__
    )
    doctor.add_argument("--json", action="store_true", help="print the findings for machines")
    doctor.set_defaults(handler=_doctor)
    docs = commands.add_parser(
        "docs", help="write the operations table of README.md", description=_docs.__doc__
    )
    docs.add_argument("--check", action="store_true", help="only say whether it is up to date")
    docs.add_argument("--file", default="", metavar="FILE", help="default: README.md of here")
    docs.set_defaults(handler=_docs)
    warm = commands.add_parser("warm", help="compile the kernels now", description=_warm.__doc__)
    warm.set_defaults(handler=_warm)
    cli_install.add_parser(commands)
    cli_models.add_parser(commands)
    return parser


def _list(arguments: argparse.Namespace) -> int:
    """List the operations, one line each."""
    from tinct import catalog

    if arguments.json:
        print(json.dumps(catalog.to_info(), indent=2))
        return DONE
    listed = [operation for operation in catalog.list_operations() if operation.listed]
    width = max((len(operation.id) for operation in listed), default=0)
    for operation in listed:
        print(f"{operation.id:{width}}  {operation.summary}")
    return DONE


def _doctor(arguments: argparse.Namespace) -> int:
    """Say what is installed, what is missing, and what to do about it."""
    from tinct import cli_doctor

    findings = cli_doctor.examine()
    if arguments.json:
        print(json.dumps([finding._asdict() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(finding.line())
    broken = sum(finding.state == "broken" for finding in findings)
    if broken and not arguments.json:
        print(f"{broken} {'thing needs' if broken == 1 else 'things need'} mending.")
    return FAILED if broken else DONE


def _docs(arguments: argparse.Namespace) -> int:
    """Write the table of operations into README.md, between its two marks."""
    from tinct import docs

    path = docs.readme_path(arguments.file)
    if arguments.check:
        if docs.is_fresh(path):
            return DONE
        return _say(f"the operations table of {path} is stale; run: tinct docs", FAILED)
    docs.update(path)
    return DONE


def _warm(arguments: argparse.Namespace) -> int:
    """Compile the kernels and keep them, so that no first picture waits for a compiler."""
    from tinct.warm import warm

    seconds = warm(lambda name: print(f"{name} is compiled", file=sys.stderr))
    print(f"All kernels are compiled ({seconds:.1f} s).")
    return DONE
