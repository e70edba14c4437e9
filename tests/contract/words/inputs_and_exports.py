"""Bad calls of inputs and exports, and how the original answers them."""

import numpy as np
import pandas as pd
import tensorflow as tf

from tests.contract.words import calls

BAD_CALLS = {
    "numpy_input_fn empty": calls.Bad(
        lambda e: e.inputs.numpy_input_fn(np.zeros(0), shuffle=False)(),
        ValueError,
        "x cannot be an empty array",
    ),
    "pandas_input_fn target": calls.Bad(
        lambda e: e.inputs.pandas_input_fn(
            pd.DataFrame({"target": [1]}), pd.Series([1]), shuffle=False
        )(),
        ValueError,
        "Cannot use name target for target column: DataFrame already has",
    ),
    "pandas_input_fn index": calls.Bad(
        lambda e: e.inputs.pandas_input_fn(
            pd.DataFrame({"a": [1]}), pd.Series([1], index=[7]), shuffle=False
        )(),
        ValueError,
        "Index for x and y are mismatched.\nIndex for x: RangeIndex(",
    ),
    "export a mode of None": calls.Bad(
        lambda e: calls.trained(e).experimental_export_all_saved_models(
            calls.folder(), {"infer": None}
        ),
        ValueError,
        "No valid modes for exporting found. Got dict_keys(['infer'])",
    ),
    "numpy_input_fn x list": calls.Bad(
        lambda e: e.inputs.numpy_input_fn([1], shuffle=False)(),
        TypeError,
        "x must be a dict or array; got list",
    ),
    "numpy_input_fn x empty dict": calls.Bad(
        lambda e: e.inputs.numpy_input_fn({}, shuffle=False)(),
        ValueError,
        "x cannot be an empty dict",
    ),
    "numpy_input_fn y empty dict": calls.Bad(
        lambda e: e.inputs.numpy_input_fn({"a": np.zeros(2)}, {}, shuffle=False)(),
        ValueError,
        "y cannot be empty dict, use None instead.",
    ),
    "numpy_input_fn dup": calls.Bad(
        lambda e: e.inputs.numpy_input_fn(
            {"a": np.zeros(2)}, {"a": np.zeros(2)}, shuffle=False
        )(),
        ValueError,
        "1 duplicate keys are found in both x and y: {'a'}",
    ),
    "numpy_input_fn len": calls.Bad(
        lambda e: e.inputs.numpy_input_fn(
            {"a": np.zeros(2), "b": np.zeros(3)}, shuffle=False
        )(),
        ValueError,
        "Length of tensors in x and y is mismatched. All elements in x",
    ),
    "numpy_input_fn len y": calls.Bad(
        lambda e: e.inputs.numpy_input_fn(
            {"a": np.zeros(2)}, np.zeros(3), shuffle=False
        )(),
        ValueError,
        "Length of tensors in x and y is mismatched. All elements in x",
    ),
    "numpy_input_fn shuffle": calls.Bad(
        lambda e: e.inputs.numpy_input_fn({"a": np.zeros(2)}),
        ValueError,
        "shuffle must be provided and explicitly set as boolean (it is",
    ),
    "numpy_input_fn shuffle str": calls.Bad(
        lambda e: e.inputs.numpy_input_fn({"a": np.zeros(2)}, shuffle="yes"),
        ValueError,
        "shuffle must be provided and explicitly set as boolean (it is",
    ),
    "numpy_input_fn empty len": calls.Bad(
        lambda e: e.inputs.numpy_input_fn(
            {"a": np.zeros(0)}, np.zeros(3), shuffle=False
        )(),
        ValueError,
        "Length of tensors in x and y is mismatched. All elements in x",
    ),
    "numpy_input_fn empty array": calls.Bad(
        lambda e: e.inputs.numpy_input_fn(np.zeros(0), np.zeros(3), shuffle=False)(),
        ValueError,
        "x cannot be an empty array",
    ),
    "numpy_input_fn shuffle bad x": calls.Bad(
        lambda e: e.inputs.numpy_input_fn([1]),
        ValueError,
        "shuffle must be provided and explicitly set as boolean (it is",
    ),
    "PredictOutput key": calls.Bad(
        lambda e: e.export.PredictOutput({1: calls.one()}),
        ValueError,
        "Prediction output key must be a string; got 1.",
    ),
    "PredictOutput val": calls.Bad(
        lambda e: e.export.PredictOutput({"a": 3}),
        ValueError,
        "Prediction output value must be a Tensor; got 3",
    ),
    "PredictOutput val1": calls.Bad(
        lambda e: e.export.PredictOutput(3),
        ValueError,
        "Prediction output value must be a Tensor; got 3",
    ),
    "ClassificationOutput none": calls.Bad(
        lambda e: e.export.ClassificationOutput(),
        ValueError,
        "Cannot create a ClassificationOutput with empty arguments. At",
    ),
    "ClassificationOutput scores": calls.Bad(
        lambda e: e.export.ClassificationOutput(scores=3),
        ValueError,
        "Classification scores must be a float32 Tensor; got 3",
    ),
    "ClassificationOutput scores int": calls.Bad(
        lambda e: e.export.ClassificationOutput(scores=tf.constant(1)),
        ValueError,
        "Classification scores must be a float32 Tensor; got",
    ),
    "ClassificationOutput classes": calls.Bad(
        lambda e: e.export.ClassificationOutput(classes=tf.constant(1)),
        ValueError,
        "Classification classes must be a string Tensor; got",
    ),
    "RegressionOutput val": calls.Bad(
        lambda e: e.export.RegressionOutput(3),
        ValueError,
        "Regression output value must be a float32 Tensor; got 3",
    ),
    "RegressionOutput int": calls.Bad(
        lambda e: e.export.RegressionOutput(tf.constant("a")),
        ValueError,
        "Regression output value must be a float32 Tensor; got",
    ),
    "ClassificationOutput sig": calls.Bad(
        lambda e: e.export.ClassificationOutput(scores=calls.one()).as_signature_def(
            {"a": calls.one(), "b": calls.one()}
        ),
        ValueError,
        "Classification signatures can only accept a single tensor input",
    ),
    "ClassificationOutput sig dtype": calls.Bad(
        lambda e: e.export.ClassificationOutput(scores=calls.one()).as_signature_def(
            {"a": calls.one()}
        ),
        ValueError,
        "Classification signatures can only accept a single tensor input",
    ),
    "RegressionOutput sig": calls.Bad(
        lambda e: e.export.RegressionOutput(calls.one()).as_signature_def(
            {"a": calls.one(), "b": calls.one()}
        ),
        ValueError,
        "Regression signatures can only accept a single tensor input of",
    ),
    "RegressionOutput sig dtype": calls.Bad(
        lambda e: e.export.RegressionOutput(calls.one()).as_signature_def(
            {"a": calls.one()}
        ),
        ValueError,
        "Regression signatures can only accept a single tensor input of",
    ),
    "ServingInputReceiver none": calls.Bad(
        lambda e: e.export.ServingInputReceiver(None, calls.one()),
        ValueError,
        "features must be defined.",
    ),
    "ServingInputReceiver key": calls.Bad(
        lambda e: e.export.ServingInputReceiver({1.5: calls.one()}, calls.one()),
        ValueError,
        "feature keys must be strings or ints: 1.5.",
    ),
    "ServingInputReceiver val": calls.Bad(
        lambda e: e.export.ServingInputReceiver({"a": 3}, calls.one()),
        ValueError,
        "feature a must be a Tensor, SparseTensor, or RaggedTensor",
    ),
    "ServingInputReceiver val1": calls.Bad(
        lambda e: e.export.ServingInputReceiver(3, calls.one()),
        ValueError,
        "feature feature must be a Tensor, SparseTensor, or RaggedTensor",
    ),
    "ServingInputReceiver recv none": calls.Bad(
        lambda e: e.export.ServingInputReceiver(calls.one(), None),
        ValueError,
        "receiver_tensors must be defined.",
    ),
    "ServingInputReceiver recv key": calls.Bad(
        lambda e: e.export.ServingInputReceiver(calls.one(), {1: calls.one()}),
        ValueError,
        "receiver_tensor keys must be strings: 1.",
    ),
    "ServingInputReceiver recv val": calls.Bad(
        lambda e: e.export.ServingInputReceiver(calls.one(), {"a": 3}),
        ValueError,
        "receiver_tensor a must be a Tensor, SparseTensor, or",
    ),
    "ServingInputReceiver alt": calls.Bad(
        lambda e: e.export.ServingInputReceiver(calls.one(), calls.one(), 3),
        ValueError,
        "receiver_tensors_alternatives must be a dict: 3.",
    ),
    "ServingInputReceiver alt key": calls.Bad(
        lambda e: e.export.ServingInputReceiver(
            calls.one(), calls.one(), {"a": {1: calls.one()}}
        ),
        ValueError,
        "receiver_tensors_alternative keys must be strings: 1.",
    ),
    "ServingInputReceiver alt val": calls.Bad(
        lambda e: e.export.ServingInputReceiver(
            calls.one(), calls.one(), {"a": {"b": 3}}
        ),
        ValueError,
        "receiver_tensors_alternative b must be a Tensor, SparseTensor,",
    ),
    "TensorServingInputReceiver none": calls.Bad(
        lambda e: e.export.TensorServingInputReceiver(None, calls.one()),
        ValueError,
        "features must be defined.",
    ),
    "TensorServingInputReceiver dict": calls.Bad(
        lambda e: e.export.TensorServingInputReceiver({"a": calls.one()}, calls.one()),
        ValueError,
        "feature must be a Tensor, SparseTensor, or RaggedTensor",
    ),
    "TensorServingInputReceiver int": calls.Bad(
        lambda e: e.export.TensorServingInputReceiver(3, calls.one()),
        ValueError,
        "feature must be a Tensor, SparseTensor, or RaggedTensor",
    ),
    "supervised receiver none": calls.Bad(
        lambda e: e.experimental.build_raw_supervised_input_receiver_fn(
            {"a": calls.one()}, {"a": calls.one()}
        ),
        ValueError,
        "Features and labels must have distinct keys. Found overlapping",
    ),
    "exporter latest keep": calls.Bad(
        lambda e: e.LatestExporter("a", lambda: calls.receiver(e), exports_to_keep=0),
        ValueError,
        "`exports_to_keep`, if provided, must be",
    ),
    "exporter best keep": calls.Bad(
        lambda e: e.BestExporter("a", lambda: calls.receiver(e), exports_to_keep=0),
        ValueError,
        "`exports_to_keep`, if provided, must be a positive number. Got 0",
    ),
    "exporter best cmp none": calls.Bad(
        lambda e: e.BestExporter("a", lambda: calls.receiver(e), compare_fn=None),
        ValueError,
        "`compare_fn` must not be None.",
    ),
    "exporter best cmp args": calls.Bad(
        lambda e: e.BestExporter(
            "a", lambda: calls.receiver(e), compare_fn=lambda best_eval_result: 1
        ),
        ValueError,
        "compare_fn must include current_eval_result argument.",
    ),
    "exporter best cmp args2": calls.Bad(
        lambda e: e.BestExporter(
            "a", lambda: calls.receiver(e), compare_fn=lambda current_eval_result: 1
        ),
        ValueError,
        "compare_fn must include best_eval_result argument.",
    ),
    "exporter best cmp more": calls.Bad(
        lambda e: e.BestExporter(
            "a",
            lambda: calls.receiver(e),
            compare_fn=lambda best_eval_result, current_eval_result, c: 1,
        ),
        ValueError,
        "compare_fn has following not expected args: ['c']",
    ),
    "exporter best empty": calls.Bad(
        lambda e: e.BestExporter("a", lambda: calls.receiver(e)).export(
            calls.new(e), calls.folder(), "c", {}, False
        ),
        ValueError,
        "The passed save_path is not a valid checkpoint: c",
    ),
    "exporter best noloss": calls.Bad(
        lambda e: e.BestExporter("a", lambda: calls.receiver(e)).export(
            calls.new(e), calls.folder(), "c", {"a": 1}, False
        ),
        ValueError,
        "The passed save_path is not a valid checkpoint: c",
    ),
}
