from tensorflow import *

loss = constant(1.0)
with name_scope("model"):
  contrib.gan.gan_loss(loss)  # gone
