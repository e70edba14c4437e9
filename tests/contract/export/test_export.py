"""Exports: what they hold, what they are called, and what goes into them."""

import os

import numpy as np
import pytest
import tensorflow as tf

from tests.contract.small_models_wide import (
    FEATURES,
    LABELS,
    eval_input,
    linear_model_fn,
    new_estimator,
    restored,
    serving_input_fn,
    signatures,
    tensor_infos,
    timestamped,
    write_checkpoint,
)

tf1 = tf.compat.v1

PREDICT_METHOD = "tensorflow/serving/predict"
CLASSIFY_METHOD = "tensorflow/serving/classify"
REGRESS_METHOD = "tensorflow/serving/regress"


def supervised_input_fn(est):
    """A receiver function for features and labels, as TRAIN and EVAL need."""

    def receiver_fn():
        features = {"x": tf1.placeholder(tf.float32, [None, 2])}
        labels = tf1.placeholder(tf.float32, [None])
        build = est.experimental.build_raw_supervised_input_receiver_fn
        return build(features, labels)()

    return receiver_fn


def parsed_input_fn(est):
    """A receiver function that parses tf.train.Examples with a feature `x` [2]."""
    spec = {"x": tf.io.FixedLenFeature([2], tf.float32)}
    return est.export.build_parsing_serving_input_receiver_fn(spec)


def exported(est, folder, export_outputs=None, receiver_fn=None, **kwargs):
    """Exports a restored model; gives the folder of the SavedModel."""
    model_fn = linear_model_fn(est, export_outputs=export_outputs)
    estimator = restored(est, folder / "model", model_fn=model_fn)
    receiver_fn = receiver_fn or serving_input_fn(est)
    path = estimator.export_saved_model(str(folder / "out"), receiver_fn, **kwargs)
    return path.decode()


def predictions(estimator, key):
    features = tf.data.Dataset.from_tensors
    stream = estimator.predict(lambda: features({"x": FEATURES}))
    return np.array([p[key] for p in stream])


class TestExportSavedModel:
    @pytest.mark.parametrize("verb", ["export_saved_model", "export_savedmodel"])
    def test_gives_the_path_of_a_timestamped_folder_as_bytes(self, est, tmp_path, verb):
        base = tmp_path / "deep" / "out"
        estimator = restored(est, tmp_path / "model")
        path = getattr(estimator, verb)(str(base), serving_input_fn(est))
        assert isinstance(path, bytes)
        assert os.path.dirname(path.decode()) == str(base)
        assert os.listdir(base) == [os.path.basename(path.decode())]
        assert os.path.basename(path.decode()).isdigit()
        assert sorted(os.listdir(os.path.join(path.decode(), "variables")))[-1] == (
            "variables.index"
        )
        assert os.path.exists(os.path.join(path.decode(), "saved_model.pb"))

    def test_loaded_model_gives_what_predict_gives(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        path = estimator.export_saved_model(str(tmp_path), serving_input_fn(est))
        loaded = tf.saved_model.load(path.decode())
        served = loaded.signatures["serving_default"](x=tf.constant(FEATURES))
        assert sorted(served) == ["p", "twice"]
        for key in served:
            np.testing.assert_allclose(
                served[key].numpy(), predictions(estimator, key), rtol=1e-6
            )

    def test_holds_the_variables_of_the_model(self, est, tmp_path):
        path = exported(est, tmp_path)
        loaded = {
            v.name: v.numpy().tolist() for v in tf.saved_model.load(path).variables
        }
        assert sorted(loaded) == ["b:0", "global_step:0", "w:0"]
        assert loaded["global_step:0"] == 1

    def test_second_export_gets_a_later_folder(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        base = str(tmp_path / "out")
        paths = [
            estimator.export_saved_model(base, serving_input_fn(est)) for _ in range(2)
        ]
        assert [os.path.basename(p.decode()) for p in paths] == timestamped(base)

    def test_checkpoint_path_chooses_the_weights(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model", step=2)
        old = estimator.latest_checkpoint()
        write_checkpoint(tmp_path / "model", step=5, w=0.7)
        path = estimator.export_saved_model(
            str(tmp_path / "out"), serving_input_fn(est), checkpoint_path=old
        )
        loaded = {
            v.name: v.numpy() for v in tf.saved_model.load(path.decode()).variables
        }
        wanted = tf.train.load_checkpoint(old).get_tensor("w")
        np.testing.assert_array_equal(loaded["w:0"], wanted)

    def test_an_error_of_the_users_functions_comes_before_a_missing_checkpoint(
        self, est, tmp_path
    ):
        def receiver_fn():
            raise KeyError("mine")

        estimator = restored(est, tmp_path / "model")
        with pytest.raises(KeyError, match="mine"):
            estimator.export_saved_model(
                str(tmp_path / "out"), receiver_fn, checkpoint_path="/nowhere/m.ckpt-1"
            )
        assert timestamped(tmp_path / "out") == []

    def test_as_text(self, est, tmp_path):
        path = exported(est, tmp_path, as_text=True)
        assert os.path.exists(os.path.join(path, "saved_model.pbtxt"))
        assert not os.path.exists(os.path.join(path, "saved_model.pb"))
        assert list(signatures(path)) == ["serving_default"]

    def test_assets_extra_are_copied(self, est, tmp_path):
        (tmp_path / "notes.txt").write_text("hello")
        extra = {"docs/read.me": str(tmp_path / "notes.txt")}
        path = exported(est, tmp_path, assets_extra=extra)
        with open(os.path.join(path, "assets.extra", "docs", "read.me")) as copy:
            assert copy.read() == "hello"

    def test_what_is_random_has_the_seed_of_the_configuration(self, est, tmp_path):
        def model_fn(features, labels, mode):
            step = tf1.train.get_global_step()
            y = features["x"] * tf1.random_uniform([])
            train_op = tf1.assign_add(step, 1)
            return est.EstimatorSpec(mode, {"y": y}, tf.reduce_sum(y), train_op)

        config = est.RunConfig(tf_random_seed=7)
        model = est.Estimator(model_fn, str(tmp_path / "model"), config)
        model.train(lambda: ({"x": tf.constant([1.0])}, None), steps=1)
        path = model.export_saved_model(
            str(tmp_path / "export"),
            lambda: est.export.ServingInputReceiver(
                *[{"x": tf1.placeholder(tf.float32, [None])}] * 2
            ),
        )
        with tf1.Session(graph=tf.Graph()) as session:
            tf1.saved_model.load(session, ["serve"], path.decode())
            op = session.graph.get_operation_by_name("random_uniform/RandomUniform")
            assert op.get_attr("seed") == 7

    def test_tables_travel_with_their_vocabulary(self, est, tmp_path):
        vocabulary = tmp_path / "words.txt"
        vocabulary.write_text("a\nb\n")

        def model_fn(features, labels, mode):
            initializer = tf.lookup.TextFileInitializer(
                str(vocabulary),
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
            )
            ids = tf.lookup.StaticHashTable(initializer, -1).lookup(features["s"])
            loss = tf1.get_variable("w", []) ** 2
            train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
            return est.EstimatorSpec(mode, {"id": ids}, loss, train_op)

        def receiver_fn():
            tensors = {"s": tf1.placeholder(tf.string, [None])}
            return est.export.ServingInputReceiver(tensors, tensors)

        estimator = new_estimator(est, tmp_path / "model", model_fn)
        estimator.train(lambda: tf.data.Dataset.from_tensors({"s": ["a"]}), steps=1)
        path = estimator.export_saved_model(str(tmp_path / "out"), receiver_fn).decode()
        vocabulary.unlink()
        loaded = tf.saved_model.load(path)
        served = loaded.signatures["serving_default"](s=tf.constant(["b", "a", "z"]))
        assert served["id"].numpy().tolist() == [1, 0, -1]
        assert os.listdir(os.path.join(path, "assets")) == ["words.txt"]

    def test_strip_default_attrs_is_noted(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        path = estimator.export_savedmodel(
            str(tmp_path), serving_input_fn(est), strip_default_attrs=True
        )
        with tf1.Session(graph=tf.Graph()) as session:
            meta = tf1.saved_model.loader.load(session, ["serve"], path.decode())
        assert meta.meta_info_def.stripped_default_attrs

    @pytest.mark.parametrize("arguments", [{}, {"strip_default_attrs": False}])
    def test_default_attributes_are_kept(self, est, tmp_path, arguments):
        estimator = restored(est, tmp_path / "model")
        path = estimator.export_savedmodel(
            str(tmp_path), serving_input_fn(est), **arguments
        )
        with tf1.Session(graph=tf.Graph()) as session:
            meta = tf1.saved_model.loader.load(session, ["serve"], path.decode())
        assert not meta.meta_info_def.stripped_default_attrs
        kinds = {node.op: node.attr for node in meta.graph_def.node}
        assert "container" in kinds["VarHandleOp"]

    def test_without_training_the_warm_start_is_exported(self, est, tmp_path):
        restored(est, tmp_path / "old")
        estimator = new_estimator(
            est, tmp_path / "new", warm_start_from=str(tmp_path / "old")
        )
        path = estimator.export_saved_model(str(tmp_path), serving_input_fn(est))
        variables = os.path.join(path.decode(), "variables", "variables")
        old = tf.train.latest_checkpoint(str(tmp_path / "old"))
        assert tf.train.load_variable(variables, "w").tolist() == (
            tf.train.load_variable(old, "w").tolist()
        )
        with pytest.raises(ValueError, match="find trained model"):
            estimator.get_variable_names()

    def test_needs_a_receiver_function(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        with pytest.raises(ValueError, match="input_receiver_fn"):
            estimator.export_saved_model(str(tmp_path), None)

    def test_needs_a_trained_model(self, est, tmp_path):
        estimator = new_estimator(est, tmp_path)
        with pytest.raises(ValueError, match="Couldn't find trained model"):
            estimator.export_saved_model(str(tmp_path / "out"), serving_input_fn(est))
        assert timestamped(tmp_path / "out") == []

    def test_rejects_a_checkpoint_that_is_not_there(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        missing = str(tmp_path / "nowhere" / "model.ckpt-3")
        with pytest.raises(ValueError, match="nowhere"):
            estimator.export_saved_model(
                str(tmp_path), serving_input_fn(est), checkpoint_path=missing
            )

    def test_rejects_unknown_mode(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        with pytest.raises(ValueError, match="mode"):
            estimator.export_saved_model(
                str(tmp_path), serving_input_fn(est), experimental_mode="dream"
            )


class TestSignatures:
    def test_predictions_are_the_default(self, est, tmp_path):
        (signature,) = signatures(exported(est, tmp_path)).values()
        assert signature.method_name == PREDICT_METHOD
        assert tensor_infos(signature.inputs) == {"x": ("float32", [-1, 2])}
        assert tensor_infos(signature.outputs) == {
            "p": ("float32", [-1]),
            "twice": ("float32", [-1, 1]),
        }

    def test_one_export_output_is_also_the_default(self, est, tmp_path):
        got = signatures(
            exported(
                est,
                tmp_path,
                lambda p: {"mine": est.export.PredictOutput({"only": p["p"]})},
            )
        )
        assert sorted(got) == ["mine", "serving_default"]
        assert list(got["mine"].outputs) == ["only"]
        assert got["mine"] == got["serving_default"]

    def test_several_export_outputs(self, est, tmp_path):
        got = signatures(
            exported(
                est,
                tmp_path,
                lambda p: {
                    "serving_default": est.export.PredictOutput(p["p"]),
                    "other": est.export.PredictOutput({"twice": p["twice"]}),
                },
            )
        )
        assert sorted(got) == ["other", "serving_default"]
        assert list(got["serving_default"].outputs) == ["output"]

    def test_several_without_a_default_are_rejected(self, est, tmp_path):
        def two(p):
            return {key: est.export.PredictOutput(p["p"]) for key in ("a", "b")}

        with pytest.raises(ValueError, match="[Mm]ultiple.*export_outputs.*default"):
            exported(est, tmp_path, two)

    @pytest.mark.parametrize(
        "export_outputs, words",
        [
            (lambda p: [p["p"]], "export_outputs.* must be .*dict"),
            (lambda p: {"a": p["p"]}, "export_outputs.* must be ExportOutput"),
        ],
    )
    def test_export_outputs_of_another_type_are_rejected(
        self, est, tmp_path, export_outputs, words
    ):
        with pytest.raises(TypeError, match=words):
            exported(est, tmp_path, export_outputs)

    def test_classify_and_regress_take_serialized_examples(self, est, tmp_path):
        def outputs(p):
            return {
                "serving_default": est.export.PredictOutput(p),
                "class": est.export.ClassificationOutput(
                    scores=p["twice"], classes=tf.as_string(p["twice"])
                ),
                "value": est.export.RegressionOutput(p["p"]),
            }

        got = signatures(exported(est, tmp_path, outputs, parsed_input_fn(est)))
        examples = ("string", [-1])
        assert got["class"].method_name == CLASSIFY_METHOD
        assert tensor_infos(got["class"].inputs) == {"inputs": examples}
        assert sorted(got["class"].outputs) == ["classes", "scores"]
        assert got["value"].method_name == REGRESS_METHOD
        assert tensor_infos(got["value"].inputs) == {"inputs": examples}
        assert list(got["value"].outputs) == ["outputs"]
        assert tensor_infos(got["serving_default"].inputs) == {"examples": examples}

    def test_what_cannot_be_served_from_raw_tensors_is_left_out(self, est, tmp_path):
        def outputs(p):
            return {
                "serving_default": est.export.PredictOutput(p),
                "class": est.export.ClassificationOutput(scores=p["twice"]),
                "value": est.export.RegressionOutput(p["p"]),
            }

        assert list(signatures(exported(est, tmp_path, outputs))) == ["serving_default"]

    def test_alternative_inputs_get_signatures_of_their_own(self, est, tmp_path):
        def receiver_fn():
            flat = tf1.placeholder(tf.float32, [None])
            x = tf.reshape(flat, [-1, 2])
            useless = tf1.placeholder(tf.float32, [None])
            return est.export.ServingInputReceiver(
                {"x": x}, {"flat": flat}, {"pairs": {"x": x}, "useless": {"u": useless}}
            )

        got = signatures(exported(est, tmp_path, receiver_fn=receiver_fn))
        assert sorted(got) == ["pairs:serving_default", "serving_default"]
        assert tensor_infos(got["serving_default"].inputs) == {
            "flat": ("float32", [-1])
        }
        assert tensor_infos(got["pairs:serving_default"].inputs) == {
            "x": ("float32", [-1, 2])
        }

    def test_single_tensors_are_called_input_and_output(self, est, tmp_path):
        def model_fn(features, labels, mode):
            p = tf.matmul(features, tf1.get_variable("w", [2, 1]))
            train_op = tf1.assign_add(tf1.train.get_global_step(), 1)
            return est.EstimatorSpec(mode, p, tf.reduce_sum(p), train_op)

        def receiver_fn():
            x = tf1.placeholder(tf.float32, [None, 2])
            return est.export.TensorServingInputReceiver(x, x)

        estimator = new_estimator(est, tmp_path / "model", model_fn)
        estimator.train(lambda: tf.data.Dataset.from_tensors(FEATURES), steps=1)
        path = estimator.export_saved_model(str(tmp_path), receiver_fn).decode()
        signature = signatures(path)["serving_default"]
        assert tensor_infos(signature.inputs) == {"input": ("float32", [-1, 2])}
        assert tensor_infos(signature.outputs) == {"output": ("float32", [-1, 1])}

    def test_parsed_examples_give_what_raw_features_give(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        path = estimator.export_saved_model(str(tmp_path), parsed_input_fn(est))
        features = [
            tf.train.Feature(float_list=tf.train.FloatList(value=row))
            for row in FEATURES
        ]
        examples = [
            tf.train.Example(
                features=tf.train.Features(feature={"x": feature})
            ).SerializeToString()
            for feature in features
        ]
        loaded = tf.saved_model.load(path.decode())
        served = loaded.signatures["serving_default"](examples=tf.constant(examples))
        np.testing.assert_allclose(
            served["p"].numpy(), predictions(estimator, "p"), rtol=1e-6
        )


class TestExportForTrainingAndEvaluation:
    def test_train_signature(self, est, tmp_path):
        path = exported(
            est,
            tmp_path,
            receiver_fn=supervised_input_fn(est),
            experimental_mode=est.ModeKeys.TRAIN,
        )
        signature = signatures(path, "train")["train"]
        assert signature.method_name == "tensorflow/supervised/training"
        assert tensor_infos(signature.inputs) == {
            "x": ("float32", [-1, 2]),
            "label": ("float32", [-1]),
        }
        assert {"loss", "predictions/p", "predictions/twice"} <= set(signature.outputs)

    def test_eval_signature_has_metrics(self, est, tmp_path):
        path = exported(
            est,
            tmp_path,
            receiver_fn=supervised_input_fn(est),
            experimental_mode=est.ModeKeys.EVAL,
        )
        signature = signatures(path, "eval")["eval"]
        assert signature.method_name == "tensorflow/supervised/eval"
        assert sorted(signature.outputs) == [
            "loss",
            "metrics/mae/update_op",
            "metrics/mae/value",
            "predictions/p",
            "predictions/twice",
        ]

    def test_all_modes_in_one_saved_model(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        path = estimator.experimental_export_all_saved_models(
            str(tmp_path / "out"),
            {
                est.ModeKeys.TRAIN: supervised_input_fn(est),
                est.ModeKeys.EVAL: supervised_input_fn(est),
                est.ModeKeys.PREDICT: serving_input_fn(est),
            },
        )
        keys = {
            tag: list(signatures(path.decode(), tag))
            for tag in ("train", "eval", "serve")
        }
        assert keys == {
            "train": ["train"],
            "eval": ["eval"],
            "serve": ["serving_default"],
        }
        assert timestamped(tmp_path / "out") == [os.path.basename(path.decode())]

    def test_exported_evaluation_computes_the_loss(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        path = estimator.experimental_export_all_saved_models(
            str(tmp_path / "out"), {est.ModeKeys.EVAL: supervised_input_fn(est)}
        )
        with tf1.Session(graph=tf.Graph()) as session:
            meta = tf1.saved_model.loader.load(session, ["eval"], path.decode())
            signature = meta.signature_def["eval"]
            feed = {
                signature.inputs["x"].name: FEATURES,
                signature.inputs["label"].name: LABELS,
            }
            loss = session.run(signature.outputs["loss"].name, feed)
        assert loss == pytest.approx(estimator.evaluate(eval_input)["loss"], rel=1e-5)

    @pytest.mark.parametrize("modes", [[], ["dream"]])
    def test_all_modes_rejects_none_and_unknown(self, est, tmp_path, modes):
        estimator = restored(est, tmp_path / "model")
        receivers = {mode: serving_input_fn(est) for mode in modes}
        with pytest.raises(ValueError, match="mode"):
            estimator.experimental_export_all_saved_models(str(tmp_path), receivers)

    def test_training_needs_labels(self, est, tmp_path):
        estimator = restored(est, tmp_path / "model")
        with pytest.raises(ValueError, match="labels"):
            estimator.experimental_export_all_saved_models(
                str(tmp_path), {est.ModeKeys.TRAIN: serving_input_fn(est)}
            )


def test_a_mode_without_a_receiver_fn_is_left_out(est, tmp_path):
    estimator = restored(est, tmp_path / "model")
    modes = {est.ModeKeys.PREDICT: serving_input_fn(est), est.ModeKeys.EVAL: None}
    export = estimator.experimental_export_all_saved_models
    path = export(str(tmp_path / "out"), modes).decode()
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.saved_model.load(session, ["serve"], path)
        with pytest.raises(RuntimeError, match="eval"):
            tf1.saved_model.load(session, ["eval"], path)
    with pytest.raises(ValueError, match="No valid modes for exporting found"):
        export(str(tmp_path / "out"), {est.ModeKeys.EVAL: None})
    for call in (estimator.export_savedmodel, estimator.export_saved_model):
        with pytest.raises(ValueError, match="An input_receiver_fn must be defined"):
            call(str(tmp_path / "out"), None)


def test_metrics_of_a_head_are_updated_by_empty_outputs(est, tmp_path):
    def model_fn(features, labels, mode):
        return est.BinaryClassHead().create_estimator_spec(
            features, mode, linear_logits(features), labels[:, None]
        )

    estimator = restored(est, tmp_path / "model", model_fn=model_fn)
    modes = {est.ModeKeys.EVAL: supervised_input_fn(est)}
    export = estimator.experimental_export_all_saved_models
    path = export(str(tmp_path / "out"), modes).decode()
    outputs = signatures(path, "eval")["eval"].outputs
    updates = {key: info for key, info in outputs.items() if "update_op" in key}
    assert len(updates) == 9
    assert set(map(str, tensor_infos(updates).values())) == {"('float32', [0])"}


def linear_logits(features):
    w = tf1.get_variable("w", [2, 1])
    return tf.matmul(features["x"], w) + tf1.get_variable("b", [1])


def with_a_variable_more(est, scaffold):
    """A model_fn with a variable that no checkpoint has."""
    model_fn = linear_model_fn(est)

    def wider(features, labels, mode):
        tf1.get_variable("new", [1])
        return model_fn(features, labels, mode)._replace(scaffold=scaffold())

    return wider


@pytest.mark.parametrize("mode", ["infer", "eval"])
@pytest.mark.parametrize(
    "scaffold",
    [tf1.train.Scaffold, lambda: tf1.train.Scaffold(saver=tf1.train.Saver())],
    ids=["", "own saver"],
)
def test_a_checkpoint_that_lacks_variables_is_named_with_the_mode(
    est, tmp_path, caplog, mode, scaffold
):
    model_fn = with_a_variable_more(est, scaffold)
    estimator = restored(est, tmp_path / "model", model_fn=model_fn)
    receiver_fns = {"infer": serving_input_fn(est), "eval": supervised_input_fn(est)}
    export = estimator.experimental_export_all_saved_models
    words = (
        "^Could not load all requested variables from checkpoint. Please make sure "
        "your model_fn does not expect variables that were not saved in the "
        f"checkpoint.\n\nEncountered error with mode `{mode}` while restoring "
        f"checkpoint from: `{estimator.latest_checkpoint()}`. "
    )
    caplog.set_level("INFO", logger="tensorflow")
    with pytest.raises(ValueError, match=words):
        export(str(tmp_path / "out"), {mode: receiver_fns[mode]})
    assert caplog.messages[-1].startswith("Restoring parameters from ")
    with pytest.raises(ValueError, match="^Could not load all requested variables"):
        est.FinalExporter("last", receiver_fns["infer"]).export(
            estimator, str(tmp_path / "out"), None, {}, True
        )


def test_raw_features_may_be_sparse_and_are_fed_dense(est):
    sparse = tf.SparseTensor([[0, 1]], [1.0], [2, 3])
    build = est.export.build_raw_serving_input_receiver_fn
    with tf.Graph().as_default():
        (placeholder,) = build({"x": sparse})().features.values()
        assert placeholder.op.type == "Placeholder"
        assert placeholder.shape.as_list() == [None, 3]


def test_what_cannot_be_fed_is_left_out_by_the_original_words(est, tmp_path, caplog):
    def model_fn(features, labels, mode):
        tf1.train.get_or_create_global_step()
        loss = tf.reduce_sum(features["y"])
        return est.EstimatorSpec(mode, {"p": loss}, loss, tf.no_op())

    def fed_sparse():
        y = tf1.placeholder(tf.float32, [None], name="y")
        sparse = tf1.sparse_placeholder(tf.float32, name="s")
        return est.export.ServingInputReceiver({"y": y}, {"s": sparse})

    def fed_nothing():
        return est.export.ServingInputReceiver({"y": tf.constant([1.0])}, {})

    estimator = restored(est, tmp_path / "model", model_fn=model_fn)
    modes = {"infer": fed_sparse, "eval": fed_nothing, "train": fed_nothing}
    caplog.set_level("INFO", logger="tensorflow")
    estimator.experimental_export_all_saved_models(str(tmp_path / "out"), modes)
    left_out = [text.split(" : ") for text in caplog.messages if " : " in text]
    words = {name: reason for name, reason in left_out}
    assert words["'train'"].startswith("tensorflow/supervised/training `inputs` cannot")
    assert words["'eval'"].startswith("tensorflow/supervised/eval `inputs` cannot be ")
    parts = "['s/indices:0', 's/values:0', 's/shape:0']"
    assert words["'serving_default'"].startswith(
        f"The signature's input tensors {parts} are insufficient to compute"
    )


def test_raw_features_have_the_names_of_sparse_values_and_variables(est):
    with tf.Graph().as_default():
        made = {
            "sparse": tf.SparseTensor([[0, 1]], tf.constant([1.0]), [2, 3]),
            "resource": tf1.get_variable("v", [2, 1]),
            "reference": tf1.get_variable("r", [2], tf.int64, use_resource=False),
        }
        names = [made["sparse"].values.op.name, "v", "r"]
    raw = est.export.build_raw_serving_input_receiver_fn(made)
    supervised = est.experimental.build_raw_supervised_input_receiver_fn(
        {"x": made["sparse"]}, made["resource"]
    )
    with tf.Graph().as_default():
        fed = raw().receiver_tensors.values()
        assert [one.op.name for one in fed] == names
        assert [one.shape.as_list() for one in fed] == [[None, 3], [None, 1], [None]]
        assert [one.dtype for one in fed] == [tf.float32, tf.float32, tf.int64]
    with tf.Graph().as_default():
        assert supervised().labels.op.name == "v"
