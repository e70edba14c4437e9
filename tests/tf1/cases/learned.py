"""Estimator and SKCompat of tf.contrib.learn."""

import tempfile

import numpy as np

X = np.float32([[1], [2], [3], [4]])
Y = np.float32([2, 4, 6, 8])


def _model_fn(tf):
    learn = tf.contrib.learn

    def model_fn(features, labels, mode, params):
        out = tf.contrib.layers.linear(
            features, 1, scope="out", weights_initializer=tf.zeros_initializer()
        )
        out = tf.squeeze(out, 1)
        if mode == learn.ModeKeys.INFER:
            return {"p": out}, None, None
        loss = tf.reduce_mean(tf.square(out - labels))
        train = tf.contrib.layers.optimize_loss(
            loss, tf.contrib.framework.get_global_step(), params["rate"], "SGD"
        )
        return learn.ModelFnOps(mode, {"p": out}, loss, train)

    return model_fn


def sk_compat(tf):
    learn = tf.contrib.learn
    estimator = learn.Estimator(
        _model_fn(tf),
        tempfile.mkdtemp(),
        params={"rate": 0.01},
        config=learn.RunConfig(tf_random_seed=1, save_checkpoints_secs=300),
    )
    compat = learn.SKCompat(estimator)
    compat.fit(X, Y, batch_size=4, steps=5)
    metric = learn.MetricSpec(
        tf.contrib.metrics.streaming_mean_absolute_error, prediction_key="p"
    )
    found = [
        compat.score(X, Y, metrics={"mae": metric}),
        compat.predict(X),
        sorted(estimator.get_variable_names()),
        estimator.get_variable_value("out/weights"),
    ]

    def input_fn():
        return tf.constant(X), tf.constant(Y)

    estimator.fit(input_fn=input_fn, max_steps=7)
    found.append(
        estimator.evaluate(
            input_fn=input_fn,
            steps=1,
            name="later",
            metrics={
                ("mse", "p"): tf.contrib.metrics.streaming_mean_squared_error,
            },
        )
    )
    found.append([each["p"] for each in estimator.predict(X)])
    return lambda session: found


def experiment(tf):
    learn = tf.contrib.learn
    seen = []

    class Counts(learn.monitors.EveryN):
        def every_n_step_end(self, step, outputs):
            seen.append(step)
            return False

    def input_fn():
        return tf.constant(X), tf.constant(Y)

    def experiment_fn(config, params):  # which run gives by place
        estimator = learn.Estimator(
            _model_fn(tf), config=config, params={"rate": params.rate}
        )
        return learn.Experiment(
            estimator,
            input_fn,
            input_fn,
            train_steps=6,
            eval_steps=1,
            min_eval_frequency=2,
            train_monitors=[Counts(3, 2)],
        )

    metrics, exports = learn.learn_runner.run(
        experiment_fn,
        run_config=learn.RunConfig(model_dir=tempfile.mkdtemp()),
        hparams=tf.contrib.training.HParams(rate=0.01),
        schedule="train_and_evaluate",
    )
    return lambda session: [metrics, exports, seen]
