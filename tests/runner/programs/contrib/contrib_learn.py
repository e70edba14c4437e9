"""An Experiment of tf.contrib.learn around a model_fn, run by learn_runner."""
import sys

import numpy as np
import tensorflow as tf
from tensorflow.contrib import layers
from tensorflow.contrib import learn
from tensorflow.contrib.learn import ModeKeys
from tensorflow.contrib.learn.python.learn import learn_runner
from tensorflow.contrib.learn.python.learn.estimators import run_config
from tensorflow.contrib.learn.python.learn.utils import saved_model_export_utils
from tensorflow.contrib.training import HParams

FOLDER = sys.argv[1]
processor = learn.preprocessing.VocabularyProcessor(4)
documents = ["good great fine", "bad awful", "fine good", "awful bad bad"] * 8
words = np.array(list(processor.fit_transform(documents)))
labels = np.array([1, 0, 1, 0] * 8)


def model_fn(features, labels, mode, params):
    embedded = layers.embed_sequence(
        features["words"], len(processor.vocabulary_), params.units, scope="words")
    net = layers.fully_connected(
        tf.reduce_mean(embedded, 1), 8, activation_fn=tf.tanh)
    logits = layers.linear(layers.layer_norm(net), 2, scope="logits")
    predictions = {"class": tf.argmax(logits, 1), "scores": layers.softmax(logits)}
    if mode == ModeKeys.INFER:
        return learn.ModelFnOps(mode, predictions)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
    train_op = layers.optimize_loss(
        loss, tf.contrib.framework.get_global_step(), params.rate, "Adam",
        clip_gradients=5.0, summaries=["loss", "learning_rate"])
    return learn.ModelFnOps(mode, predictions, loss, train_op)


def experiment_fn(run_config, hparams):
    def input_fn():
        return {"words": tf.constant(words)}, tf.constant(labels)

    def serving_input_fn():
        inputs = {"words": tf.placeholder(tf.int64, [None, 4])}
        return tf.estimator.export.ServingInputReceiver(inputs, inputs)

    accuracy = learn.MetricSpec(tf.contrib.metrics.streaming_accuracy, "class")
    return learn.Experiment(
        learn.Estimator(model_fn, params=hparams, config=run_config),
        train_input_fn=input_fn, eval_input_fn=input_fn, eval_steps=1,
        train_steps=hparams.steps, min_eval_frequency=20,
        eval_metrics={"accuracy": accuracy},
        export_strategies=[saved_model_export_utils.make_export_strategy(
            serving_input_fn, exports_to_keep=1)])


hparams = HParams(units=3, rate=0.05, steps=10)
hparams.parse("steps=40,rate=0.1")
config = run_config.RunConfig(model_dir=FOLDER, tf_random_seed=1,
                              save_checkpoints_steps=20)
metrics, exports = learn_runner.run(
    experiment_fn, run_config=config, hparams=hparams)
print("accuracy %.3f step %d exports %d" % (
    metrics["accuracy"], metrics["global_step"], len(exports)))
