"""Keeps TensorFlow's talk of its own steps from what the program says."""

import contextlib
import os
import sys
import tempfile
import warnings


@contextlib.contextmanager
def quietly():
    """Drops warnings and what goes to stderr, also from C++; shows it on an error."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as aside, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.dup2(aside.fileno(), 2)
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            aside.seek(0)
            os.write(terminal, aside.read())
            raise
        finally:
            sys.stderr.flush()
            os.dup2(terminal, 2)
            os.close(terminal)
