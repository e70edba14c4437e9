"""Prices of houses, in the manner of a crash course of 2018 and 2019 (1.x)."""
from __future__ import print_function

import math

from IPython import display
from matplotlib import cm
from matplotlib import gridspec
from matplotlib import pyplot as plt
import numpy as np
import pandas as pd
from sklearn import metrics
import tensorflow as tf
from tensorflow.python.data import Dataset

tf.logging.set_verbosity(tf.logging.ERROR)
pd.options.display.max_rows = 10
pd.options.display.float_format = '{:.1f}'.format


def make_houses(rows=600):
  """Makes a frame with the columns of the California census of 1990."""
  latitude = np.random.uniform(32.5, 42.0, rows)
  longitude = -124.3 + (42.0 - latitude) * 0.9 + np.random.rand(rows)
  rooms = np.random.lognormal(7.6, 0.7, rows).round()
  income = np.random.gamma(4.0, 1.0, rows)
  value = (40000 * income + 60000 * np.cos(latitude - 34.0)
           + np.random.normal(0, 15000, rows))
  return pd.DataFrame({
      "longitude": longitude, "latitude": latitude,
      "housing_median_age": np.random.randint(1, 52, rows).astype(float),
      "total_rooms": rooms, "total_bedrooms": (rooms / 5).round(),
      "population": (rooms / 2).round(), "households": (rooms / 5.5).round(),
      "median_income": income,
      "median_house_value": value.clip(15000, 500001).round()})


np.random.seed(0)
california_housing_dataframe = make_houses()
california_housing_dataframe = california_housing_dataframe.reindex(
    np.random.permutation(california_housing_dataframe.index))
california_housing_dataframe["median_house_value"] /= 1000.0


def preprocess_features(california_housing_dataframe):
  selected_features = california_housing_dataframe[
    ["latitude",
     "longitude",
     "housing_median_age",
     "total_rooms",
     "total_bedrooms",
     "population",
     "households",
     "median_income"]]
  processed_features = selected_features.copy()
  processed_features["rooms_per_person"] = (
    california_housing_dataframe["total_rooms"] /
    california_housing_dataframe["population"])
  return processed_features


def preprocess_targets(california_housing_dataframe):
  output_targets = pd.DataFrame()
  output_targets["median_house_value"] = (
    california_housing_dataframe["median_house_value"])
  output_targets["median_house_value_is_high"] = (
    california_housing_dataframe["median_house_value"] > 265.0).astype(float)
  return output_targets


training_examples = preprocess_features(california_housing_dataframe.head(400))
training_targets = preprocess_targets(california_housing_dataframe.head(400))
validation_examples = preprocess_features(
    california_housing_dataframe.tail(200))
validation_targets = preprocess_targets(california_housing_dataframe.tail(200))
display.display(training_examples.describe())


def my_input_fn(features, targets, batch_size=1, shuffle=True, num_epochs=None):
    # Convert pandas data into a dict of np arrays.
    features = {key: np.array(value) for key, value in dict(features).items()}

    # Construct a dataset, and configure batching/repeating.
    ds = Dataset.from_tensor_slices((features, targets))  # warning: 2GB limit
    ds = ds.batch(batch_size).repeat(num_epochs)

    if shuffle:
      ds = ds.shuffle(10000)

    features, labels = ds.make_one_shot_iterator().get_next()
    return features, labels


def train_linear_model(learning_rate, steps, batch_size,
                       input_feature="total_rooms"):
  """One raw column, and a line per period in a figure."""
  periods = 2
  steps_per_period = steps / periods

  my_feature = input_feature
  my_feature_data = training_examples[[my_feature]]
  targets = training_targets["median_house_value"]

  feature_columns = [tf.feature_column.numeric_column(my_feature)]
  training_input_fn = lambda: my_input_fn(
      my_feature_data, targets, batch_size=batch_size)
  prediction_input_fn = lambda: my_input_fn(
      my_feature_data, targets, num_epochs=1, shuffle=False)

  my_optimizer = tf.train.GradientDescentOptimizer(learning_rate=learning_rate)
  my_optimizer = tf.contrib.estimator.clip_gradients_by_norm(my_optimizer, 5.0)
  linear_regressor = tf.estimator.LinearRegressor(
      feature_columns=feature_columns,
      optimizer=my_optimizer
  )

  plt.figure(figsize=(15, 6))
  plt.subplot(1, 2, 1)
  sample = training_examples.sample(n=100)
  plt.scatter(sample[my_feature], targets.loc[sample.index])
  colors = [cm.coolwarm(x) for x in np.linspace(-1, 1, periods)]

  print("Training model...")
  print("RMSE (on training data):")
  root_mean_squared_errors = []
  for period in range(0, periods):
    linear_regressor.train(
        input_fn=training_input_fn,
        steps=steps_per_period
    )
    predictions = linear_regressor.predict(input_fn=prediction_input_fn)
    predictions = np.array([item['predictions'][0] for item in predictions])
    root_mean_squared_error = math.sqrt(
        metrics.mean_squared_error(predictions, targets))
    print("  period %02d : %0.2f" % (period, root_mean_squared_error))
    root_mean_squared_errors.append(root_mean_squared_error)
    y_extents = np.array([0, sample["total_rooms"].max()])
    weight = linear_regressor.get_variable_value(
        'linear/linear_model/%s/weights' % input_feature)[0]
    bias = linear_regressor.get_variable_value(
        'linear/linear_model/bias_weights')
    x_extents = (y_extents - bias) / weight
    plt.plot(x_extents, y_extents, color=colors[period])
  print("Model training finished.")

  plt.subplot(1, 2, 2)
  plt.ylabel('RMSE')
  plt.xlabel('Periods')
  plt.title("Root Mean Squared Error vs. Periods")
  plt.tight_layout()
  plt.plot(root_mean_squared_errors)

  calibration_data = pd.DataFrame()
  calibration_data["predictions"] = pd.Series(predictions)
  calibration_data["targets"] = pd.Series(targets)
  display.display(calibration_data.describe())
  print("Final RMSE (on training data): %0.2f" % root_mean_squared_error)


def get_quantile_based_boundaries(feature_values, num_buckets):
  boundaries = np.arange(1.0, num_buckets) / num_buckets
  quantiles = feature_values.quantile(boundaries)
  return [quantiles[q] for q in quantiles.keys()]


def construct_feature_columns():
  bucketized = {}
  for name, buckets in [("latitude", 10), ("longitude", 10),
                        ("median_income", 7), ("rooms_per_person", 7)]:
    bucketized[name] = tf.feature_column.bucketized_column(
        tf.feature_column.numeric_column(name),
        boundaries=sorted(set(get_quantile_based_boundaries(
            training_examples[name], buckets))))
  long_x_lat = tf.feature_column.crossed_column(
      set([bucketized["longitude"], bucketized["latitude"]]),
      hash_bucket_size=1000)
  return set([bucketized["latitude"], bucketized["longitude"],
              bucketized["median_income"], long_x_lat])


def train_model(make_estimator, my_optimizer, target, steps, batch_size):
  """Trains in periods, and draws the losses of both data sets."""
  periods = 3
  my_optimizer = tf.contrib.estimator.clip_gradients_by_norm(my_optimizer, 5.0)
  estimator = make_estimator(my_optimizer)
  training_input_fn = lambda: my_input_fn(
      training_examples, training_targets[target], batch_size=batch_size)
  predict_training_input_fn = lambda: my_input_fn(
      training_examples, training_targets[target], num_epochs=1, shuffle=False)
  predict_validation_input_fn = lambda: my_input_fn(
      validation_examples, validation_targets[target],
      num_epochs=1, shuffle=False)

  def error(input_fn, targets):
    predictions = estimator.predict(input_fn=input_fn)
    if target == "median_house_value":
      predictions = np.array([item['predictions'][0] for item in predictions])
      return math.sqrt(metrics.mean_squared_error(predictions, targets))
    probabilities = np.array([item['probabilities'] for item in predictions])
    return metrics.log_loss(targets, probabilities)

  training, validation = [], []
  for period in range(0, periods):
    estimator.train(input_fn=training_input_fn, steps=steps / periods)
    training.append(error(predict_training_input_fn, training_targets[target]))
    validation.append(
        error(predict_validation_input_fn, validation_targets[target]))
    print("  period %02d : %0.3f" % (period, validation[-1]))

  plt.figure()
  plt.ylabel("Loss")
  plt.xlabel("Periods")
  plt.tight_layout()
  plt.plot(training, label="training")
  plt.plot(validation, label="validation")
  plt.legend()
  evaluation_metrics = estimator.evaluate(input_fn=predict_validation_input_fn)
  return estimator, evaluation_metrics


gridspec.GridSpec(2, 1)
train_linear_model(learning_rate=0.00002, steps=60, batch_size=5)

print("Crossed columns")
linear_regressor, _ = train_model(
    lambda optimizer: tf.estimator.LinearRegressor(
        feature_columns=construct_feature_columns(), optimizer=optimizer),
    tf.train.FtrlOptimizer(learning_rate=1.0),
    "median_house_value", steps=150, batch_size=100)

print("A classifier, made sparse")
linear_classifier, evaluation_metrics = train_model(
    lambda optimizer: tf.estimator.LinearClassifier(
        feature_columns=construct_feature_columns(), optimizer=optimizer),
    tf.train.FtrlOptimizer(
        learning_rate=0.1, l1_regularization_strength=0.1),
    "median_house_value_is_high", steps=60, batch_size=100)
print("AUC on the validation set: %0.2f" % evaluation_metrics['auc'])
print("Accuracy on the validation set: %0.2f" % evaluation_metrics['accuracy'])


def model_size(estimator):
  variables = estimator.get_variable_names()
  size = 0
  for variable in variables:
    if not any(x in variable
               for x in ['global_step',
                         'centered_bias_weight',
                         'bias_weight',
                         'Ftrl']
              ):
      size += np.count_nonzero(estimator.get_variable_value(variable))
  return size


print("Model size:", model_size(linear_classifier))

print("A neural network")
dnn_regressor, evaluation_metrics = train_model(
    lambda optimizer: tf.estimator.DNNRegressor(
        feature_columns=[tf.feature_column.numeric_column("median_income")],
        hidden_units=[10, 2], optimizer=optimizer),
    tf.train.AdagradOptimizer(learning_rate=0.5),
    "median_house_value", steps=60, batch_size=100)
print("Average loss:", evaluation_metrics["average_loss"])
