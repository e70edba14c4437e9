"""Demand for bicycles, wide & deep, stopped and begun again (TensorFlow 1.14)."""
import numpy as np
import tensorflow as tf

tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.INFO)

rng = np.random.RandomState(3)
hour = rng.randint(0, 24, 480)
weather = rng.choice(["sun", "rain", "snow"], 480)
demand = (np.sin(hour / 24 * np.pi) * 10 + 3 * (weather == "sun")
          ).astype(np.float32)


def input_fn(repeat=1):
    return (tf.data.Dataset.from_tensor_slices(
        ({"hour": hour, "weather": weather}, demand))
            .repeat(repeat).batch(48, drop_remainder=True))


hours = tf.feature_column.numeric_column("hour")
buckets = tf.feature_column.bucketized_column(hours, [6, 9, 12, 16, 20])
weathers = tf.feature_column.categorical_column_with_vocabulary_list(
    "weather", ["sun", "rain"], default_value=1)


def estimator():
    return tf.estimator.DNNLinearCombinedRegressor(
        model_dir="bicycles",
        linear_feature_columns=[
            tf.feature_column.crossed_column([buckets, "weather"], 40)],
        linear_optimizer="Ftrl",
        dnn_feature_columns=[
            hours, tf.feature_column.indicator_column(weathers)],
        dnn_hidden_units=[12],
        dnn_activation_fn=tf.nn.tanh,
        dnn_optimizer=tf.compat.v1.train.AdamOptimizer(0.05),
        loss_reduction=tf.compat.v1.losses.Reduction.SUM_OVER_BATCH_SIZE,
        config=tf.estimator.RunConfig(
            tf_random_seed=1, save_checkpoints_steps=20,
            log_step_count_steps=10))


estimator().train(lambda: input_fn(4))
second = estimator()
second.train(lambda: input_fn(None), max_steps=150)
metrics = second.evaluate(input_fn)
print("steps", metrics["global_step"])
print("label mean %.2f, prediction mean %.2f, average loss %.2f" % (
    metrics["label/mean"], metrics["prediction/mean"],
    metrics["average_loss"]))
