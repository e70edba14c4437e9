import tensorflow as tf

for i in xrange(3):
    print 'step', i
if {'a': 1}.has_key('a'):
    tf.contrib.gan.gan_train(None)  # gone
