import numpy as np
from sklearn.model_selection import train_test_split

x = np.reshape(np.arange(8), newshape=(4, 2))[:, np.newaxis]
train, test = train_test_split(x)
from sklearn.datasets import fetch_mldata  # gone
