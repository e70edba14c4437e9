"""The command line: flags -> Experiment -> what --mode says."""

if __name__ == "__main__":
    from estimator_mnist import import_path

    import_path.leave_out_working_directory()

import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import NoReturn

from absl import flags

from estimator_mnist import errors, files, modes, options
from estimator_mnist.commands import flag_groups, flagfiles, start
from estimator_mnist.experiment import settings
from estimator_mnist.models import catalog
from estimator_mnist.modes import common


def define_flags(flag_values: flags.FlagValues) -> None:
    """Defines the flags of settings, models and modes, and those of the command."""
    settings.define_flags(flag_values)
    catalog.define_flags(flag_values)
    modes.define_flags(flag_values)
    options.define_flags(flag_values, flag_groups.OF_THE_COMMAND)


def parsed(argv: Sequence[str]) -> tuple[flags.FlagValues, Callable[[], None]]:
    """Returns the flags, and the function that does what --mode says.

    They are no flags of the process, which may have its own of the same names. A flag
    that is unknown or has a wrong value ends in one message, exit code 1.

    Args:
      argv: the program's name, and what follows it.
    """
    flag_values = flags.FlagValues()
    define_flags(flag_values)
    try:
        _, *arguments = flag_values(flagfiles.resolved(argv))
        typed = flagfiles.typed(argv)
        return flag_values, modes.run_of(flag_values, arguments, typed)
    except errors.ExperimentError as error:
        end_by_error(str(error))
    # absl's own flags, and flagfiles, fail in ways of their own.
    except (flags.Error, ValueError, OverflowError, OSError) as error:
        message = " ".join(str(error).split())
        end_by_error(f"{message} (--help lists the flags)")


def end_by_error(message: str) -> NoReturn:
    """Exits with code 1, after a message."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def main(flag_values: flags.FlagValues, run: Callable[[], None]) -> None:
    """Runs what --mode says; a mistake of the user ends in one message, exit code 1.

    Takes what `parsed` returns.
    """
    try:
        with start.for_a_reader():
            run()
    except common.user_errors() as error:
        end_by_error(common.message(error))
    except KeyboardInterrupt as interrupt:
        end_by_signal(signal_of(interrupt), flag_values.mode, flag_values.steps)


def signal_of(interrupt: KeyboardInterrupt) -> int:
    """Returns the number of the signal that interrupted the program."""
    from estimator_mnist.estimator.hooks import stop_on_signal

    if isinstance(interrupt, stop_on_signal.Interrupted):
        return interrupt.signum
    return signal.SIGINT


def end_by_signal(signum: int, mode: str, steps: int | None = None) -> NoReturn:
    """Exits as a shell expects it after this signal: 130 for Ctrl-C, 143 for TERM.

    Args:
      steps: --steps, which are additional each time.
    """
    if mode in modes.THAT_TRAIN:
        print("Interrupted: the same command goes on from the newest checkpoint.")
        if steps:
            print(f"It would make all --steps={steps} from there.")
    else:
        print("Interrupted: the same command begins anew.")
    sys.exit(128 + signum)


def on_thread_error(arguments: threading.ExceptHookArgs) -> None:
    """Prints what ended a thread, unless a full disk did, of which there is a line."""
    if not (arguments.exc_value and files.is_disk_full(arguments.exc_value)):
        threading.__excepthook__(arguments)


def console() -> None:
    """Parses the flags and runs; the entry point of the console script."""
    start.print_any_text()
    start.answer_help_and_version(sys.argv[1:])
    flag_values, run = parsed(sys.argv)
    threading.excepthook = on_thread_error
    try:
        with start.tensorflow(flag_values.verbosity):
            main(flag_values, run)
    except KeyboardInterrupt:  # while TensorFlow was imported
        end_by_signal(signal.SIGINT, flag_values.mode, flag_values.steps)


if __name__ == "__main__":
    console()
