import tensorflow as tf

for i in xrange(3):
    print 'step', i
if {'a': 1}.has_key('a'):
    tf.contrib.crf.crf_log_likelihood(None, None, None)  # gone
