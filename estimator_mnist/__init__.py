"""Linear, MLP and CNN digit models on a small Estimator runtime."""

__version__ = "0.2.0"
