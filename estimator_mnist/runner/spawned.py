"""Is the `__main__` of processes that a program's `multiprocessing` spawns.

They run this module as `__mp_main__`; it makes of itself what the program's file would
have been.
"""

from estimator_mnist.runner import processes, program, python2, sources

if __name__ == "__mp_main__":
    path, module = processes.of_parent()
    parts = python2.converted(sources.read(path))
    started = sources.Program(path, parts, module)
    globals().update(program.namespace_for_children(started))
