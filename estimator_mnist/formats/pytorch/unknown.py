"""The error for what generated code has no words for."""

from estimator_mnist import errors


def unknown(what: str) -> errors.ExportError:
    """Returns the error that names `what`, in words, and the formats that have all."""
    return errors.ExportError(
        f"--format=pytorch does not know {what}: export this model as onnx or "
        "saved_model."
    )
