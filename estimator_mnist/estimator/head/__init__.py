"""Heads: loss, predictions, metrics and exports of the usual kinds of model."""
