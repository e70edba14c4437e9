"""Training in bfloat16."""

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist import estimator as tf_estimator
from estimator_mnist.estimator.session import precision

tf1 = tf.compat.v1
HAS = "flags : fpu vme avx512_bf16 avx512_vnni\n"
LACKS = "flags : fpu vme avx2\n"


def model_fn(features, labels, mode):
    del labels
    weights = tf1.get_variable("w", [256, 256], initializer=tf1.ones_initializer())
    loss = tf.reduce_mean(tf.nn.relu(tf.matmul(features["x"], weights)))
    optimizer = tf1.train.AdamOptimizer()
    train_op = optimizer.minimize(loss, tf1.train.get_global_step())
    return tf_estimator.EstimatorSpec(mode, loss=loss, train_op=train_op)


def input_fn():
    x = np.full([64, 256], 1 + 2**-12, np.float32)  # bfloat16 rounds it to 1
    return tf.data.Dataset.from_tensors({"x": x}).repeat()


def supported():
    try:
        precision.check("bfloat16")
    except errors.PrecisionError:
        return False
    return True


def last_loss(folder, kind, caplog):
    tf.get_logger().propagate = True
    caplog.clear()
    caplog.set_level("INFO", logger="tensorflow")
    config = tf_estimator.RunConfig(precision=kind)
    estimator = tf_estimator.Estimator(model_fn, str(folder), config)
    estimator.train(input_fn, steps=1)
    said = [r.getMessage() for r in caplog.records if "final step" in r.getMessage()]
    return estimator, float(said[0].removeprefix("Loss for final step: ").rstrip("."))


@pytest.mark.skipif(not supported(), reason="the processor has no bfloat16")
def test_products_are_computed_in_bfloat16_and_kept_in_float32(tmp_path, caplog):
    _, loss = last_loss(tmp_path / "f", "float32", caplog)
    assert loss == pytest.approx(256 * (1 + 2**-12), rel=1e-6)
    estimator, loss = last_loss(tmp_path / "b", "bfloat16", caplog)
    assert loss == 256
    for name in estimator.get_variable_names():
        kind = estimator.get_variable_value(name).dtype
        assert kind == (np.int64 if name == "global_step" else np.float32), name


def test_a_processor_without_it_is_told_so(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text(LACKS)
    with pytest.raises(errors.PrecisionError, match="slower than float32 here"):
        precision.check("bfloat16", str(file))
    with pytest.raises(errors.PrecisionError, match="leave precision at float32"):
        precision.check("bfloat16", str(tmp_path / "absent"))
    precision.check("float32", str(file))
    file.write_text(HAS)
    precision.check("bfloat16", str(file))


def test_without_onednn_it_is_refused(monkeypatch):
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    with pytest.raises(errors.PrecisionError, match="TF_ENABLE_ONEDNN_OPTS=0"):
        precision.check("bfloat16")


def test_another_precision_is_refused():
    with pytest.raises(ValueError, match="precision should be one of float32, bfl"):
        tf_estimator.RunConfig(precision="float16")
