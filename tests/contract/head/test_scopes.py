"""What a head writes and makes is called the same in any scope of its model_fn."""

import pytest
import tensorflow as tf

tf1 = tf.compat.v1


@pytest.mark.parametrize("scope", ["", "dnn"])
@pytest.mark.parametrize("several", [False, True])
def test_tags_and_an_optimizers_variables_lie_in_no_scope(est, scope, several):
    head = est.RegressionHead(name="age")
    with tf.Graph().as_default(), tf1.variable_scope(scope):
        step = tf1.train.create_global_step()
        logits = labels = tf1.get_variable("v", [1, 1])
        if several:
            head = est.MultiHead([head])
            logits, labels = {"age": logits}, {"age": labels}
        head.create_estimator_spec(
            {},
            "train",
            logits,
            labels=labels,
            train_op_fn=lambda loss: tf1.train.AdamOptimizer().minimize(loss, step),
        )
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            texts = session.run(tf1.get_collection(tf1.GraphKeys.SUMMARIES))
        names = {variable.op.name for variable in tf1.global_variables()}
    tags = [tf1.Summary.FromString(text).value[0].tag for text in texts]
    assert tags == ["loss/age", "loss"][: 1 + several]
    # The heads of a MultiHead have opened the scope before it.
    assert f"training{'_1' if several else ''}/beta1_power" in names
