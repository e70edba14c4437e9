"""Writes a model's graphs and one checkpoint's variables as a SavedModel."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tensorflow as tf

from estimator_mnist import errors, files, temporary_files
from estimator_mnist.estimator.checkpoint import compatibility, object_based, paths
from estimator_mnist.estimator.export.export_output import (
    EVAL_METHOD_NAME,
    TRAIN_METHOD_NAME,
    EvalOutput,
    ExportOutput,
    SignatureDef,
)
from estimator_mnist.estimator.export.receivers import (
    HasAlternatives,
    HasLabels,
    InputReceiver,
)
from estimator_mnist.estimator.mode_keys import ModeKeys
from estimator_mnist.estimator.model_fn import EstimatorSpec

tf1 = tf.compat.v1

# TRAIN comes first: its variables, with the optimizer's slots, are those stored.
_TAGS = {
    ModeKeys.TRAIN: tf.saved_model.TRAINING,
    ModeKeys.EVAL: "eval",
    ModeKeys.PREDICT: tf.saved_model.SERVING,
}
# Kind of signature, as the log calls it -> its method.
_METHODS = {
    "Classify": tf.saved_model.CLASSIFY_METHOD_NAME,
    "Regress": tf.saved_model.REGRESS_METHOD_NAME,
    "Predict": tf.saved_model.PREDICT_METHOD_NAME,
    "Train": TRAIN_METHOD_NAME,
    "Eval": EVAL_METHOD_NAME,
}
# Folder of an export that holds the caller's files.
ASSETS_EXTRA = "assets.extra"
# Where TensorFlow's loaders look for the train_op; it has no public constant.
_TRAIN_OP_COLLECTION = "saved_model_train_op"


def write(
    export_dir_base: str | os.PathLike,
    checkpoint_path: str,
    receiver_fn_by_mode: dict[str, Callable[[], InputReceiver]],
    call_model_fn: Callable[[Any, Any, str], EstimatorSpec],
    session_config: tf.compat.v1.ConfigProto | None = None,
    assets_extra: dict[str, str] | None = None,
    as_text: bool = False,
    strip_default_attrs: bool = True,
    seed: int | None = None,
    clock: Callable[[], float] = time.time,
) -> bytes:
    """Writes a new folder `export_dir_base`/TIMESTAMP, whole or not at all.

    Args:
      export_dir_base: folder of all exports; made where it is missing.
      checkpoint_path: path prefix of the checkpoint with the variables.
      receiver_fn_by_mode: dict of ModeKeys -> function that makes placeholders and
        returns a ServingInputReceiver (or, with labels, a SupervisedInputReceiver).
        A mode with None is left out.
      call_model_fn: (features, labels, mode) -> EstimatorSpec, in the current graph.
      session_config: of the session that restores and saves the variables.
      assets_extra: dict path below the export's `assets.extra` -> file to copy there.
      as_text: write saved_model.pbtxt instead of saved_model.pb.
      strip_default_attrs: leave out attributes that have their default value, so that
        older versions of TensorFlow can load the export.
      seed: of the graphs, for what is random in them.
      clock: returns the time in seconds. The folder is named by it, or by the second
        after the newest export in `export_dir_base`.

    Returns:
      The path of the new folder, as bytes.

    Raises:
      ValueError: no known mode with a receiver function, a path in `assets_extra` that
        leaves its folder, or a checkpoint that is missing or lacks a variable.
      CheckpointMismatchError: a checkpoint that does not fit the model.
      tf.errors.NotFoundError: a file of `assets_extra` is missing.
    """
    modes = checked_modes(receiver_fn_by_mode)
    assets = _checked_assets(assets_extra)
    with _new_folder(os.fsdecode(export_dir_base), clock()) as (temporary, final):
        builder = tf1.saved_model.Builder(temporary)
        for position, mode in enumerate(modes):
            graph = object_based.OpenGraph()
            with graph.as_default(), tf1.Session(config=session_config) as session:
                tf1.set_random_seed(seed)
                model = _build(receiver_fn_by_mode[mode], call_model_fn, mode)
                with _explained(mode, checkpoint_path):
                    model["saver"] = _restore(session, model["saver"], checkpoint_path)
                model["strip_default_attrs"] = strip_default_attrs
                if position == 0:
                    builder.add_meta_graph_and_variables(session, **model)
                else:
                    builder.add_meta_graph(**model)
        builder.save(as_text)
        _copy_assets(assets, temporary)
    return os.fsencode(final)


def exports(export_dir_base: str | os.PathLike) -> list[str]:
    """Returns the paths of the finished exports, the oldest first."""
    base = os.fsdecode(export_dir_base)
    finished = [name for name in _listed(base) if re.fullmatch(r"\d{10}", name)]
    return [os.path.join(base, name) for name in sorted(finished)]


def checked_modes(receiver_fn_by_mode: dict[str, Callable]) -> list[str]:
    """Returns the modes to export; raises ValueError where there is none."""
    modes = [mode for mode in _TAGS if receiver_fn_by_mode.get(mode)]
    if not modes:
        raise ValueError(
            f"No valid modes for exporting found. Got {receiver_fn_by_mode.keys()}: "
            f"give one of {list(_TAGS)}."
        )
    return modes


def _checked_assets(assets_extra: dict[str, str] | None) -> dict[str, str]:
    assets = {}
    for destination, source in (assets_extra or {}).items():
        path = os.path.normpath(destination)
        if os.path.isabs(path) or path.split(os.sep)[0] in ("", ".", ".."):
            raise ValueError(
                f"assets_extra: the destination {destination!r} is not inside the "
                f"export's folder {ASSETS_EXTRA}. Give a relative path, as 'vocab.txt'."
            )
        assets[path] = source
    return assets


def _listed(folder: str) -> list[str]:
    names = tf.io.gfile.listdir(folder) if tf.io.gfile.isdir(folder) else []
    return [name.rstrip("/") for name in names]


def _free_timestamp(base: str, now: float) -> int:
    """Returns a time after every export in `base`, so that names sort by time."""
    pattern = re.compile(r"(?:temp-)?(\d{10})|\.temp-(\d{10})\..*")
    found = [pattern.fullmatch(name) for name in _listed(base)]
    taken = [int(match[1] or match[2]) for match in found if match]
    # Names that a wrong clock put in the far future do not count.
    recent = [timestamp for timestamp in taken if timestamp < now + 24 * 3600]
    return max([int(now), *(timestamp + 1 for timestamp in recent)])


@contextlib.contextmanager
def _new_folder(base: str, now: float) -> Iterator[tuple[str, str]]:
    """Yields a temporary folder's path, and the path that it has after the block."""
    if paths.is_local(base):
        os.makedirs(base, exist_ok=True)
        temporary_files.remove_abandoned(base)
        timestamp = _free_timestamp(base, now)
        final = os.path.join(base, str(timestamp))
        with temporary_files.folder(base, f"temp-{timestamp}") as temporary:
            yield temporary, final
            files.move(temporary, final)
        return
    timestamp = _free_timestamp(base, now)
    temporary = os.path.join(base, f"temp-{timestamp}")
    final = os.path.join(base, str(timestamp))
    try:
        yield temporary, final
    except BaseException:
        if tf.io.gfile.exists(temporary):
            tf.io.gfile.rmtree(temporary)
        raise
    _rename_folder(temporary, final)


def _rename_folder(source: str, target: str) -> None:
    """Renames a folder, and those of its files that this leaves behind, as in ram://."""
    names = [
        os.path.relpath(os.path.join(folder, name), source)
        for folder, _, files_in_it in tf.io.gfile.walk(source)
        for name in files_in_it
    ]
    tf.io.gfile.rename(source, target)
    for name in names:
        path = os.path.join(target, name)
        if not tf.io.gfile.exists(path):
            tf.io.gfile.makedirs(os.path.dirname(path))
            tf.io.gfile.rename(os.path.join(source, name), path)
    with contextlib.suppress(tf.errors.NotFoundError):
        tf.io.gfile.rmtree(source)


def _build(
    receiver_fn: Callable[[], InputReceiver],
    call_model_fn: Callable[[Any, Any, str], EstimatorSpec],
    mode: str,
) -> dict[str, Any]:
    """Builds the graph; returns the arguments of Builder.add_meta_graph for it."""
    tf1.train.create_global_step()
    receiver = receiver_fn()
    labels = receiver.labels if isinstance(receiver, HasLabels) else None
    spec = call_model_fn(receiver.features, labels, mode)
    if spec.train_op is not None:
        tf1.add_to_collection(_TRAIN_OP_COLLECTION, spec.train_op)
    signatures = _signatures(receiver, _outputs(spec, mode), spec.mode)
    if mode == ModeKeys.PREDICT != spec.mode:
        signatures = {}  # what is trained or evaluated cannot be served
    return {
        "tags": [_TAGS[mode]],
        "signature_def_map": signatures,
        "assets_collection": tf1.get_collection(tf1.GraphKeys.ASSET_FILEPATHS),
        "main_op": spec.scaffold.local_init_op
        or tf1.train.Scaffold.default_local_init_op(),
        "saver": spec.scaffold.saver,
    }


def _restore(
    session: tf.compat.v1.Session,
    own_saver: tf.compat.v1.train.Saver | tf.train.Checkpoint | None,
    checkpoint_path: str,
) -> tf.compat.v1.train.Saver:
    """Restores with the model_fn's own saver or a new one; returns the one used."""
    paths.check_exists(checkpoint_path)  # after the user's functions, as predict does
    if not own_saver:
        _compare(checkpoint_path)
    if isinstance(own_saver, tf.train.Checkpoint):
        own_saver = object_based.saver_of(own_saver)
    saver = own_saver or tf1.train.Saver(sharded=True)
    saver.restore(session, paths.for_tensorflow(checkpoint_path))
    return saver


def _compare(checkpoint_path: str) -> None:
    """Compares the checkpoint with the graph; a mismatch is logged as a restore is."""
    try:
        compatibility.compare(checkpoint_path, tf1.global_variables())
    except errors.CheckpointMismatchError:
        tf1.logging.info("Restoring parameters from %s", checkpoint_path)
        raise


@contextlib.contextmanager
def _explained(mode: str, checkpoint_path: str) -> Iterator[None]:
    """Names the mode whose variables the checkpoint lacks, in the original's words."""
    opening = (
        "Could not load all requested variables from checkpoint. Please make sure "
        "your model_fn does not expect variables that were not saved in the "
        f"checkpoint.\n\nEncountered error with mode `{mode}` while restoring "
        f"checkpoint from: `{checkpoint_path}`. "
    )
    try:
        yield
    except compatibility.MissingVariablesError as error:
        raise error.after(opening) from None
    except tf.errors.NotFoundError as error:
        raise ValueError(opening + error.message) from error


def _outputs(spec: EstimatorSpec, mode: str) -> dict[str, ExportOutput]:
    """Returns what the mode of the spec, which may be another, has to export."""
    if spec.mode not in _TAGS:
        raise ValueError(
            f"Invalid mode key: {spec.mode}. model_fn was called with {mode!r}: give "
            "its EstimatorSpec that mode."
        )
    if spec.mode == ModeKeys.PREDICT:
        return spec.export_outputs
    return {spec.mode: EvalOutput(spec.loss, spec.predictions, spec.eval_metric_ops)}


def _signatures(
    receiver: InputReceiver, outputs: dict[str, ExportOutput], mode: str | None
) -> dict[str, SignatureDef]:
    """Returns the signatures, by name, of those outputs that the receiver can serve."""
    alternatives: dict[str, dict[str, tf.Tensor]] = {}
    if isinstance(receiver, HasAlternatives):
        alternatives = receiver.receiver_tensors_alternatives or {}
    signatures, excluded = {}, {}
    for prefix, inputs in {"": receiver.receiver_tensors, **alternatives}.items():
        for key, output in outputs.items():
            name = f"{prefix}:{key}" if prefix else key
            try:
                signatures[name] = _signature(inputs, output, mode)
            except ValueError as error:
                excluded[name] = error
    _log_signatures(signatures, excluded)
    return signatures


def _log_signatures(
    signatures: dict[str, SignatureDef], excluded: dict[str, ValueError]
) -> None:
    for kind, method in _METHODS.items():
        names = [n for n, s in signatures.items() if s.method_name == method]
        tf1.logging.info(
            "Signatures INCLUDED in export for %s: %s", kind, names or None
        )
    if excluded:
        tf1.logging.info(
            "Signatures EXCLUDED from export because they cannot be be served via "
            "TensorFlow Serving APIs:"
        )
    for name, error in excluded.items():
        tf1.logging.info("%r : %s", name, error)
    if not signatures:
        tf1.logging.warning("Export includes no signatures!")
    elif tf.saved_model.DEFAULT_SERVING_SIGNATURE_DEF_KEY not in signatures:
        tf1.logging.warning("Export includes no default signature!")


def _signature(
    inputs: dict[str, tf.Tensor], output: ExportOutput, mode: str | None
) -> SignatureDef:
    if mode != ModeKeys.PREDICT and not inputs:
        method = TRAIN_METHOD_NAME if mode == ModeKeys.TRAIN else EVAL_METHOD_NAME
        raise ValueError(
            f"{method} `inputs` cannot be None or empty: name placeholders in "
            "receiver_tensors."
        )
    signature = output.as_signature_def(inputs)
    if mode == ModeKeys.TRAIN:
        signature.method_name = TRAIN_METHOD_NAME
    unfed = _unfed_placeholder(inputs, signature)
    if unfed:
        raise ValueError(
            f"The signature's input tensors {_fed_names(inputs, signature)} are "
            "insufficient to compute its output keys "
            f"{list(signature.outputs)} (respectively, tensors "
            f"{_names(signature.outputs)}) because of the dependency on `{unfed}` "
            "which is not given as a signature input: name it in receiver_tensors."
        )
    return signature


def _fed_names(inputs: dict[str, tf.Tensor], signature: SignatureDef) -> list[str]:
    """Returns the names of the Tensors fed, which may be parts of a sparse one."""
    parts = [
        part
        for key in signature.inputs
        for part in tf.nest.flatten(inputs[key], expand_composites=True)
    ]
    return [tensor.name for tensor in parts]


def _names(tensors: Mapping[str, Any]) -> list[str]:
    return [info.name for info in tensors.values()]


def _unfed_placeholder(
    inputs: dict[str, tf.Tensor], signature: SignatureDef
) -> str | None:
    """Returns the name of a placeholder that the outputs need and no input feeds.

    A loader cannot cut such a signature out of the graph.
    """
    graph = tf1.get_default_graph()
    fed = {tensor.name for tensor in tf.nest.flatten(inputs, expand_composites=True)}
    waiting = [graph.get_tensor_by_name(i.name) for i in signature.outputs.values()]
    seen = set()
    while waiting:
        tensor = waiting.pop()
        if tensor.name in fed or tensor.op in seen:
            continue
        if tensor.op.type == "Placeholder":
            return tensor.op.name
        seen.add(tensor.op)
        waiting.extend(tensor.op.inputs)
    return None


def _copy_assets(assets: dict[str, str], folder: str) -> None:
    for path, source in assets.items():
        target = os.path.join(folder, ASSETS_EXTRA, path)
        tf.io.gfile.makedirs(os.path.dirname(target))
        tf.io.gfile.copy(source, target)
