"""Digits with dropout and batch normalization, evaluated as it trains (1.9)."""
from __future__ import print_function

import glob
import os

import numpy as np
from sklearn import datasets
import tensorflow as tf

digits = datasets.load_digits()
images = digits.images.reshape([-1, 64])
images = np.float32(images / 16.0)
labels = digits.target

classifier = tf.estimator.DNNClassifier(
    feature_columns=[tf.feature_column.numeric_column("pixels", shape=64)],
    hidden_units=[64, 32],
    n_classes=10,
    activation_fn=tf.nn.selu,
    dropout=0.1,
    batch_norm=True,
    optimizer=lambda: tf.train.MomentumOptimizer(
        tf.train.polynomial_decay(0.01, tf.train.get_global_step(), 200), 0.9),
    loss_reduction=tf.losses.Reduction.MEAN,
    config=tf.estimator.RunConfig(
        model_dir="digits", keep_checkpoint_max=1, save_summary_steps=50))


def input_fn(part, **kwargs):
    return tf.estimator.inputs.numpy_input_fn(
        x={"pixels": images[part]}, y=labels[part], batch_size=64, **kwargs)


metrics, _ = tf.estimator.train_and_evaluate(
    classifier,
    tf.estimator.TrainSpec(
        input_fn(slice(1500), shuffle=True, num_epochs=None), max_steps=150),
    tf.estimator.EvalSpec(
        input_fn(slice(1500, None), shuffle=False), steps=None,
        start_delay_secs=0, throttle_secs=1))
print("accuracy %.3f" % metrics["accuracy"])

# Remove event files to save disk space.
_ = map(os.remove, glob.glob(
    os.path.join(classifier.model_dir, 'events.out.tfevents*')))

predictions = classifier.predict(input_fn(slice(1500, None), shuffle=False))
predictions = np.array([item['class_ids'][0] for item in predictions])
print("predicted %d, right %.2f" % (
    len(predictions), np.mean(predictions == labels[1500:])))
weights0 = classifier.get_variable_value("dnn/hiddenlayer_0/kernel")
print("weights0 shape:", weights0.shape)
print([name for name in classifier.get_variable_names() if "_0/batch" in name])
