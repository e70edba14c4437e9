"""Linear, MLP and CNN digit models on a small Estimator runtime."""
