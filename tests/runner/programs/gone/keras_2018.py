import keras
from keras.layers import Dense

model = keras.models.Sequential([Dense(3, input_shape=(2,))])
try:
  from keras.wrappers.scikit_learn import KerasRegressor
except ImportError:
  pass
parallel = keras.utils.multi_gpu_model(model, gpus=2)  # gone
