"""Where the runtime raises what the original does not, or not in a call of a table."""

FOLDERS_WITH_TESTS_OF_THEIR_OWN = {"canned", "keras"}

# Files that do what the original has nothing of.
FILES = {
    "checkpoint/compatibility.py": "compared before a restore",
    "checkpoint/event_files.py": "damaged event files",
    "checkpoint/integrity.py": "damaged checkpoints",
    "checkpoint/lock.py": "one trainer at a time",
    "checkpoint/save_hooks.py": "the original's type, with the step",
    "checkpoint/saver.py": "a full disk",
    "checkpoint/tf_records.py": "damaged event files",
    "cluster/servers.py": "every wait in a cluster has an end",
    "cluster/tasks.py": "every wait in a cluster has an end",
    "cluster/watchdogs.py": "every wait in a cluster has an end",
    "hooks/stop_on_signal.py": "Ctrl-C",
    "install.py": "the runtime under TensorFlow's names",
    "keras3.py": "the original knows Keras 2 only",
    "python_state.py": "why a graph is not kept; caught",
    "session/certainty.py": "why a graph is not kept; caught",
    "session/mirrored.py": "strategies that this runtime lacks",
    "session/precision.py": "bfloat16",
}

_ABSTRACT = "the original's method returns None where a subclass lacks it"
_LATER = "the original fails later, or in an AttributeError"
_RUN = "has its contract test where the graph runs: tests/contract/head"
_CONTRIB = "of tf.contrib, which the original left: tests/tf1, tests/estimator"
FUNCTIONS = {
    "estimator.py: _while_it_exists": "a trainer has deleted the checkpoint",
    "export/export_output.py: as_signature_def": _ABSTRACT,
    "export/exporter.py: _loss": "the default compare_fn, given no results",
    "export/exporter.py: export": _ABSTRACT,
    "export/receivers.py: __new__": "SupervisedInputReceiver is not public there",
    "export/receivers.py: _placeholder_like": _LATER,
    "export/receivers.py: _placeholders": _LATER,
    "export/saved_model.py: _checked_assets": "the original writes outside the export",
    "export/saved_model.py: _outputs": "the original exports no signature",
    "export/saved_model.py: _signature": "caught: the signature is left out",
    "extenders.py: _as_tensor": _CONTRIB,
    "extenders.py: _checked_keys": _CONTRIB,
    "extenders.py: _repeated": _CONTRIB,
    "head/base_head.py: _default_losses": _ABSTRACT,
    "head/base_head.py: _metrics": _ABSTRACT,
    "head/base_head.py: _processed_labels": _ABSTRACT,
    "head/binary_class_head.py: _processed_labels": _LATER,
    "head/checks.py: _check_label_shape": _RUN,
    "head/checks.py: checked_losses": _RUN,
    "head/checks.py: in_range": _RUN,
    "head/merging.py: by_name": "two heads of one name; the original loses one",
    "head/multi_head.py: _one_reduction": _RUN,
    "head/multi_label_head.py: _indicators": _LATER,
    "head/shapes.py: require": _RUN,
    "head/train_op.py: _keras_train_op": "Keras's newer optimizers: an AttributeError",
    "hooks/early_stopping.py: _values": "a KeyError there too, of the name alone",
    "hooks/early_stopping.py: begin": "reached in workers only",
    "hooks/in_memory_evaluator.py: __init__": _LATER,
    "hooks/in_memory_evaluator.py: _check_restorable": "the original loses a table",
    "hooks/in_memory_evaluator.py: after_create_session": _LATER,
    "inputs.py: _array": _LATER,
    "inputs.py: _batching": "the original gives no batch",
    "inputs.py: _checked": "the original divides by zero",
    "inputs.py: _columns": "the original takes one of the columns",
    "inputs.py: _dtype": "a TypeError there too, of TensorFlow's words",
    "inputs.py: pandas_input_fn": _LATER,
    "model_fn.py: _pair_of_keras": "tests/contract/session/test_keras_metrics.py",
    "run_config.py: refuse_unsupported": "settings that this runtime lacks",
    "session/train_hooks.py: _set_up_saver": "a Saver that takes paths for patterns",
    "session/user_functions.py: batches": "MirroredStrategy",
    "tf_config.py: read": _LATER,
    "tpu/tpu_estimator.py: _refuse_tpu": "embeddings of a TPU: an AttributeError there",
    "training.py: _check_specs": "several EvalSpecs",
}
