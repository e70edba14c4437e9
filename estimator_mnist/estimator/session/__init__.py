"""Builds the graph of a mode, and runs it: training, evaluating, predicting."""
