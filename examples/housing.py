"""Predicts prices of houses, in the manner of the crash courses of 2018.

    python examples/housing.py --figure=housing.png

A pandas frame, buckets of latitude and longitude and their cross, clipped gradients,
and the error after each of some periods. The houses are made up: nothing is downloaded.
"""

import argparse
import math

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from estimator_mnist import tf1 as tf

FEATURES = ["latitude", "longitude", "median_income", "rooms_per_person"]
TARGET = "median_house_value"


def make_houses(rows, seed=0):
    """Returns a frame of houses whose price hangs on income and on the place."""
    random = np.random.default_rng(seed)
    houses = pd.DataFrame(
        {
            "latitude": random.uniform(32.5, 42.0, rows),
            "longitude": random.uniform(-124.3, -114.3, rows),
            "median_income": random.gamma(4.0, 1.0, rows),
            "rooms_per_person": random.lognormal(0.6, 0.3, rows),
        }
    )
    near_a_city = np.hypot(houses["latitude"] - 34, houses["longitude"] + 118) < 3
    noise = random.normal(0, 20, rows)
    houses[TARGET] = 50 * houses["median_income"] + 150 * near_a_city + noise
    return houses


def input_fn(houses, batch_size=50, shuffle=True, num_epochs=None):
    """Returns features and prices in batches; num_epochs=None is for ever."""
    features = {name: houses[name].to_numpy() for name in FEATURES}
    dataset = tf.data.Dataset.from_tensor_slices((features, houses[TARGET].to_numpy()))
    if shuffle:
        dataset = dataset.shuffle(1000)
    dataset = dataset.batch(batch_size).repeat(num_epochs)
    return dataset.make_one_shot_iterator().get_next()


def feature_columns(houses):
    """Returns buckets with as many houses in each, and the places' cross."""
    buckets = {}
    for name in FEATURES:
        quantiles = houses[name].quantile(np.arange(1, 10) / 10)
        buckets[name] = tf.feature_column.bucketized_column(
            tf.feature_column.numeric_column(name), boundaries=quantiles.tolist()
        )
    places = [buckets["latitude"], buckets["longitude"]]
    return [*buckets.values(), tf.feature_column.crossed_column(places, 1000)]


def root_mean_squared_error(regressor, houses):
    """Returns the error of the predictions, in thousands of dollars."""
    predictions = regressor.predict(
        lambda: input_fn(houses, shuffle=False, num_epochs=1)
    )
    prices = np.array([item["predictions"][0] for item in predictions])
    return math.sqrt(np.mean((prices - houses[TARGET]) ** 2))


def train(training, validation, periods, steps_per_period, model_dir=None):
    """Trains in periods; returns the errors after each, of both frames."""
    optimizer = tf.train.FtrlOptimizer(learning_rate=5.0)
    optimizer = tf.contrib.estimator.clip_gradients_by_norm(optimizer, 5.0)
    regressor = tf.estimator.LinearRegressor(
        feature_columns(training), model_dir=model_dir, optimizer=optimizer
    )
    errors = {"training": [], "validation": []}
    for period in range(periods):
        regressor.train(lambda: input_fn(training), steps=steps_per_period)
        for name, houses in (("training", training), ("validation", validation)):
            errors[name].append(root_mean_squared_error(regressor, houses))
        print(f"  period {period:02d} : {errors['training'][-1]:0.2f}")
    return errors


def draw(errors, path):
    """Draws the errors over the periods."""
    figure = Figure(layout="tight")
    axes = figure.subplots()
    for name, values in errors.items():
        axes.plot(values, label=name)
    axes.set(xlabel="Periods", ylabel="RMSE", title="Root Mean Squared Error")
    axes.legend()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--periods", type=int, default=10)
    parser.add_argument("--steps_per_period", type=int, default=50)
    parser.add_argument("--model_dir", help="goes on with the model there")
    parser.add_argument("--figure", default="housing.png", help="where to draw to")
    flags = parser.parse_args()
    tf.logging.set_verbosity(tf.logging.ERROR)

    houses = make_houses(600)
    training, validation = houses.head(400), houses.tail(200)
    print("RMSE on training data, in thousands of dollars:")
    errors = train(
        training, validation, flags.periods, flags.steps_per_period, flags.model_dir
    )
    print(f"RMSE on validation data: {errors['validation'][-1]:0.2f}")
    draw(errors, flags.figure)


if __name__ == "__main__":
    main()
