"""Tags of articles: a multi-label head on embedded words (1.10)."""
from __future__ import print_function

import numpy as np
import tensorflow as tf

TOPICS = ["sport", "money", "music"]
ARTICLES = [("ball goal ticket", [1, 0, 0]), ("bank ticket goal", [0, 1, 0]),
            ("song ball bank", [0, 1, 1]), ("song goal note", [1, 0, 1])]


def input_fn(repeat=None):
    texts = tf.data.Dataset.from_tensor_slices(
        [text.encode("ascii") for text, _ in ARTICLES])
    topics = tf.data.Dataset.from_tensor_slices(
        np.array([topics for _, topics in ARTICLES], np.int64))

    def words(text, topic):
        words = tf.string_split([text])
        return {"words": tf.sparse_tensor_to_dense(words, "")[0]}, topic

    dataset = tf.data.Dataset.zip((texts, topics)).map(words)
    return dataset.repeat(repeat).padded_batch(
        4, ({"words": [None]}, [len(TOPICS)]))


words = tf.feature_column.categorical_column_with_hash_bucket("words", 50)
head = tf.contrib.estimator.multi_label_head(
    n_classes=len(TOPICS), name="topics", thresholds=[0.5])
estimator = tf.estimator.DNNEstimator(
    head=head,
    feature_columns=[tf.feature_column.embedding_column(
        words, dimension=8, combiner="sqrtn")],
    hidden_units=[16],
    optimizer=tf.train.ProximalAdagradOptimizer(
        learning_rate=0.3, l1_regularization_strength=0.001))
estimator.train(input_fn, steps=100)
metrics = estimator.evaluate(lambda: input_fn(1))
print(" ".join(sorted(metrics)))
print("auc %.2f" % metrics["auc/topics"])
for prediction in estimator.predict(lambda: input_fn(1)):
    probabilities = prediction[("topics", "probabilities")] \
        if ("topics", "probabilities") in prediction \
        else prediction["probabilities"]
    print(np.round(probabilities).astype(int))
