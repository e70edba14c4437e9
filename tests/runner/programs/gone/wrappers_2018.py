from keras.layers import Dense
from keras.wrappers.scikit_learn import KerasClassifier  # gone
