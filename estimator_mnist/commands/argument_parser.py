"""The parser of the commands whose flags are not the program's: run and launch."""

import argparse
import difflib
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from estimator_mnist.commands import start
from estimator_mnist.commands.flag_help import command, example_lines

_FLAG = re.compile(r"--?[a-z]\w*")


def path(text: str) -> Path:
    """Returns the path of an argument, in which `~` is the home folder.

    Raises argparse.ArgumentTypeError where it is empty, of which Path makes `.`.
    """
    if not text:
        raise argparse.ArgumentTypeError("it is empty: give a path, or leave it out")
    return Path(os.path.expanduser(text))  # which lets stand what is nobody's home


class ArgumentParser(argparse.ArgumentParser):
    """Says in --help what a command does, with examples; knows --version.

    A mistake ends in one message, exit code 1, which names the flag that is meant.
    """

    def __init__(
        self, script: str, module: str, what: str, examples: Sequence[tuple[str, str]]
    ) -> None:
        """Args:
        script: the name of the command where it is installed.
        module: what follows `python -m`.
        what: it does, in some lines.
        examples: arguments, and what is done with them.
        """
        program = command(script, module)
        lines = example_lines(program, examples)
        super().__init__(
            prog=program,
            description="\n".join([what.strip(), "", "Examples:", *lines]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.add_argument(
            "--version", action="version", version=start.version(), help="versions"
        )

    def error(self, message: str) -> NoReturn:
        """Exits with code 1, after one line."""
        known = set(_FLAG.findall(self.format_help()))
        given = [word.partition("=")[0] for word in message.split()]
        for flag in [one for one in given if _FLAG.fullmatch(one)][:1]:
            meant = difflib.get_close_matches(flag, known - {flag}, 1)
            message += (
                f". Did you mean {meant[0]}?" if flag not in known and meant else ""
            )
        print(f"error: {message} (--help lists the flags)", file=sys.stderr)
        sys.exit(1)
