"""The command line: ``ftkit VERB …``.

Exit codes: 0 ok; 1 failed, or ``--fail-on`` fired; 2 bad input, nothing started, nothing left behind; 128+n ended by
signal n.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from ftkit.cli.parser import make_parser


class EndedBySignalError(BaseException):
    """SIGTERM came in; not an Exception, so that nothing on the way takes it for a fault."""


def main(argv: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code.

    Parameters
    ----------
    argv : list of str, optional
        The words after ``ftkit``; those typed without it.

    Returns
    -------
    int
    """
    arguments = make_parser().parse_args(argv)
    if _in_main_thread():
        signal.signal(signal.SIGTERM, _end)
    # Verbs import what they need: `ftkit --help` loads nothing.
    from ftkit.errors import DataError, FtkitError, RecipeError, RunError

    try:
        return arguments.verb(arguments) or 0
    except (DataError, RecipeError) as error:
        return _say(error, 2)
    except RunError as error:
        return _say(error, 2 if error.folder is None else 1)
    except FtkitError as error:
        return _say(error, 1)
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except EndedBySignalError:
        return 128 + signal.SIGTERM


def _in_main_thread() -> bool:
    """Whether this is the main thread: only there can signals be caught."""
    return threading.current_thread() is threading.main_thread()


def _say(error: Exception, code: int) -> int:
    from ftkit.displays.text import visible

    print(f"ftkit: {visible(error)}", file=sys.stderr)
    return code


def _end(number: int, frame: Any) -> None:
    raise EndedBySignalError
