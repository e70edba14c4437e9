"""Is the `__main__` of processes that a program's `multiprocessing` spawns.

They run this module as `__mp_main__`; it makes of itself what the program's file would
have been.
"""

from estimator_mnist.runner import program, project
from estimator_mnist.runner.processes import children

if __name__ == "__mp_main__":
    path, module = children.of_parent()
    started = project.read(path, module).program
    globals().update(program.namespace_for_children(started))
