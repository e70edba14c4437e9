"""Trains, evaluates and exports a ranking head of tensorflow_ranking."""

import sys

import numpy as np
import tensorflow as tf
import tensorflow_ranking as tfr

tf1 = tf.compat.v1


def input_fn():
    generator = np.random.default_rng(0)
    relevance = generator.uniform(size=(64, 4, 1)).astype(np.float32)
    labels = np.argsort(np.argsort(relevance[..., 0])).astype(np.float32)
    features = {"x": relevance, "bias": np.ones([64, 1], np.float32)}
    dataset = tf.data.Dataset.from_tensor_slices((features, labels))
    return dataset.repeat(20).batch(16)


def transform(features, mode):
    return {"bias": features["bias"]}, {"x": features["x"]}


def score(context, group, mode, params, config):
    flat = [tf1.layers.flatten(context["bias"]), tf1.layers.flatten(group["x"])]
    return tf1.layers.dense(tf.concat(flat, 1), 1)


def train_op(loss):
    optimizer = tf1.train.AdagradOptimizer(0.5)
    return optimizer.minimize(loss, tf1.train.get_global_step())


def receiver():
    features = {
        "x": tf1.placeholder(tf.float32, [None, 4, 1]),
        "bias": tf1.placeholder(tf.float32, [None, 1]),
    }
    return tf.estimator.export.ServingInputReceiver(features, features)


ndcg = tfr.metrics.make_ranking_metric_fn(tfr.metrics.RankingMetricKey.NDCG, topn=2)
head = tfr.head.create_ranking_head(
    loss_fn=tfr.losses.make_loss_fn(tfr.losses.RankingLossKey.PAIRWISE_LOGISTIC_LOSS),
    eval_metric_fns={"ndcg": ndcg},
    train_op_fn=train_op,
)
model_fn = tfr.model.make_groupwise_ranking_fn(
    group_score_fn=score, transform_fn=transform, group_size=1, ranking_head=head
)
estimator = tf.estimator.Estimator(model_fn, sys.argv[1])
estimator.train(input_fn, steps=60)
result = estimator.evaluate(input_fn, steps=4)
assert result["ndcg"] > 0.9, result
exported = estimator.export_saved_model(f"{sys.argv[1]}/export", receiver)
print("exported", exported.decode())
