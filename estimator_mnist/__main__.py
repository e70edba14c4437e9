"""`python -m estimator_mnist`, which is `python -m estimator_mnist.main`."""

from estimator_mnist import import_path

import_path.leave_out_working_directory()

from estimator_mnist import main

if __name__ == "__main__":
    main.console()
