"""The command line: flags -> Experiment -> what --mode says. Only this reads FLAGS."""

if __name__ == "__main__":
    from estimator_mnist import import_path

    import_path.leave_out_working_directory()

import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

from absl import app, flags

from estimator_mnist import files, modes, options
from estimator_mnist.experiment import settings
from estimator_mnist.models import catalog
from estimator_mnist.modes import common

# Before TensorFlow is imported: its C++ log lines hide what the program prints.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

FLAGS = flags.FLAGS


def define_flags(flag_values: flags.FlagValues) -> None:
    """Defines the flags of settings, models and modes; --help lists them."""
    settings.define_flags(flag_values)
    catalog.define_flags(flag_values)
    modes.define_flags(flag_values)
    flags.adopt_module_key_flags(options, flag_values)


define_flags(FLAGS)


def parsed(argv: Sequence[str]) -> list[str]:
    """Returns the program's name and what follows the flags, which FLAGS has then.

    A flag that is unknown or has a wrong value ends in one message, exit code 1.
    """
    try:
        return FLAGS(argv)
    # absl's own flags, and flagfiles, fail in ways of their own.
    except (flags.Error, ValueError, OverflowError, OSError) as error:
        message = " ".join(str(error).split())
        end_by_error(f"{message} (--help lists the flags)")


def end_by_error(message: str) -> NoReturn:
    """Exits with code 1, after a message."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def main(argv: Sequence[str]) -> None:
    """Runs what --mode says; a mistake of the user ends in one message, exit code 1.

    Args:
      argv: the program's name, and what follows the flags.
    """
    try:
        run = modes.run_of(FLAGS, argv[1:])
        run()
    except common.user_errors() as error:
        end_by_error(common.message(error))
    except KeyboardInterrupt as interrupt:
        end_by_signal(signal_of(interrupt))


def signal_of(interrupt: KeyboardInterrupt) -> int:
    """Returns the number of the signal that interrupted the program."""
    from estimator_mnist.estimator.hooks import stop_on_signal

    if isinstance(interrupt, stop_on_signal.Interrupted):
        return interrupt.signum
    return signal.SIGINT


def end_by_signal(signum: int) -> NoReturn:
    """Exits as a shell expects it after this signal: 130 for Ctrl-C, 143 for TERM."""
    if FLAGS.mode in modes.THAT_TRAIN:
        print("Interrupted: the same command goes on from the newest checkpoint.")
    else:
        print("Interrupted: the same command begins anew.")
    sys.exit(128 + signum)


def on_thread_error(arguments: threading.ExceptHookArgs) -> None:
    """Prints what ended a thread, unless a full disk did, of which there is a line."""
    if not (arguments.exc_value and files.is_disk_full(arguments.exc_value)):
        threading.__excepthook__(arguments)


def start(argv: Sequence[str]) -> None:
    """Runs main with TensorFlow's log lines as those of 2018."""
    import tensorflow as tf

    from estimator_mnist import compat

    compat.quieten()
    threading.excepthook = on_thread_error
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.INFO)
    main(argv)


def console() -> None:
    """Parses the flags and runs; the entry point of the console script."""
    app.run(start, flags_parser=parsed)


if __name__ == "__main__":
    console()
