"""The modes that a model_fn is called with."""


class ModeKeys:
    """The three values of a model_fn's argument `mode`."""

    TRAIN = "train"
    EVAL = "eval"
    PREDICT = "infer"
