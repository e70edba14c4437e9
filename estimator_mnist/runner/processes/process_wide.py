"""What is changed for the whole process while a program runs, and undone after it.

Each is a context manager of its own, and a line in `all_of_it`.
"""

import atexit
import contextlib
import os
import sys
import threading
import types
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import flags

from estimator_mnist import compat, estimator, tf1
from estimator_mnist.runner import imports, modules, network, sources
from estimator_mnist.runner.processes import children
from estimator_mnist.tf1 import mnist
from estimator_mnist.tf1.libraries import library_names, numpy_names

_V1 = tf.compat.v1
_EXECUTOR = "ThreadPoolExecutor"  # how the names of its threads begin
# Beginnings of warnings of what old programs do, which works.
_DEPRECATED = (
    "`Model.state_updates` will be removed",
    "The `lr` argument is deprecated",
    "`layer.apply` is deprecated",
)


@contextlib.contextmanager
def all_of_it(
    program: sources.Program,
    args: Sequence[str],
    main: types.ModuleType,
    finder: imports.ProgramModulesFinder,
    until_exit: bool = False,
) -> Iterator[None]:
    """Makes this the process of a program, until the block and its threads end.

    Args:
      program: it is about to run.
      args: its own arguments.
      main: the module that it runs in.
      finder: of its other modules.
      until_exit: whether nothing is undone before the process ends; Python itself then
        waits for the threads.
    """
    changes = contextlib.ExitStack()
    changes.enter_context(_folder(program))
    changes.enter_context(_main_module(program, args, main))
    for change in in_children(program, finder):
        changes.enter_context(change)
    changes.enter_context(children.known_to_children(program))
    if until_exit:
        atexit.register(changes.close)
        yield
    else:
        with changes, _threads_ended():
            yield


def in_children(
    program: sources.Program,
    finder: imports.ProgramModulesFinder,
) -> list[contextlib.AbstractContextManager[None]]:
    """Returns what is changed in the processes that the program spawns, too."""
    return [
        _messages(),
        _flags_of_libraries(),
        contextlib.nullcontext() if program.eager else tensorflow_1(),
        tf_estimator(),
        _modules_of_program(finder),
        numbers(),
        library_names.library_names(),
        network.answered(os.environ.get(mnist.DATA_DIR_VARIABLE)),
    ]


@contextlib.contextmanager
def tensorflow_1() -> Iterator[None]:
    """Gives TensorFlow 1.x's behaviour; that of 2.x again where it was before."""
    if not tf.executing_eagerly():
        yield
        return
    tf1.behave_like_tf1()
    try:
        yield
    finally:
        # TensorFlow 2 refuses where there is a default graph.
        _V1.reset_default_graph()
        _V1.enable_v2_behavior()


@contextlib.contextmanager
def tf_estimator() -> Iterator[None]:
    """Makes this package's runtime `tf.estimator`, for libraries, too."""
    had_it = vars(_V1).get("estimator") is estimator
    estimator.install(force=True)
    try:
        yield
    finally:
        if not had_it:
            estimator.uninstall()


@contextlib.contextmanager
def numbers() -> Iterator[None]:
    """Gives numpy its old names, and has it print numbers as it did.

    That is 0.92119998, not np.float32(0.9212).
    """
    with numpy_names.numpy_names(), np.printoptions(legacy="1.13"):
        yield


@contextlib.contextmanager
def _messages() -> Iterator[None]:
    """Drops warnings of what was not deprecated then, from the log and elsewhere."""
    logger, level = tf.get_logger(), tf.get_logger().level
    filters, propagate = logger.filters[:], logger.propagate
    try:
        with warnings.catch_warnings():
            compat.quieten()
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            for what in _DEPRECATED:
                warnings.filterwarnings("ignore", message=what)
            yield
    finally:
        logger.filters[:], logger.propagate = filters, propagate
        _V1.logging.set_verbosity(level)


@contextlib.contextmanager
def _flags_of_libraries() -> Iterator[None]:
    """Lets the program define flags that are there already, as absl's `log_dir` is.

    TensorFlow's own flags of the time had none but the program's.
    """
    values = flags.FLAGS
    strict = [values[name] for name in values if not values[name].allow_override]
    for flag in strict:
        flag.allow_override = True
    try:
        yield
    finally:
        for flag in strict:
            flag.allow_override = False


@contextlib.contextmanager
def _folder(program: sources.Program) -> Iterator[None]:
    """Works in a notebook's own folder, as Jupyter does; a program may go on."""
    before = Path.cwd()
    if program.path.suffix == ".ipynb":
        os.chdir(program.folder)
    try:
        yield
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _main_module(
    program: sources.Program, args: Sequence[str], main: types.ModuleType
) -> Iterator[None]:
    before = sys.modules["__main__"], sys.argv, sys.path[:]
    file = program.path.resolve() if program.module else program.path
    sys.modules["__main__"], sys.argv = main, [str(file), *args]
    sys.path[:] = modules.search_path(program.folder)
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv, sys.path[:] = before


@contextlib.contextmanager
def _modules_of_program(finder: imports.ProgramModulesFinder) -> Iterator[None]:
    """Finds the program's modules; another program will not find them loaded."""
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in finder.names:
            sys.modules.pop(name, None)


@contextlib.contextmanager
def _threads_ended() -> Iterator[None]:
    """Waits for the threads that were started in the block, as Python does at exit.

    Those of a ThreadPoolExecutor that was not shut down would wait for ever.
    """
    before = set(threading.enumerate())
    try:
        yield
    finally:
        for thread in set(threading.enumerate()) - before:
            if not thread.daemon and not thread.name.startswith(_EXECUTOR):
                thread.join()
