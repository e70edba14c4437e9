"""Is the `__main__` of processes that a program's `multiprocessing` spawns.

They run this module as `__mp_main__`; it makes of itself what the program's file would
have been.
"""

from estimator_mnist.runner import processes, program, project

if __name__ == "__mp_main__":
    path, module = processes.of_parent()
    started = project.read(path, module).program
    globals().update(program.namespace_for_children(started))
