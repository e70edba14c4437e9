"""Four labels that may come together, by how often each comes (1.13)."""
import numpy as np
import tensorflow as tf

labels = np.array([[1, 0, 1, 0], [1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0]])


def input_fn():
    return tf.data.Dataset.from_tensors(
        ({"x": np.zeros([4, 1], np.float32)}, labels)).repeat(200)


estimator = tf.estimator.BaselineEstimator(
    tf.contrib.estimator.multi_label_head(n_classes=4), optimizer="Adagrad")
estimator.train(input_fn, max_steps=150)
metrics = estimator.evaluate(input_fn, steps=1)
print(" ".join(sorted(metrics)))
prediction = next(estimator.predict(input_fn))
print("probabilities", prediction["probabilities"].round(1))
