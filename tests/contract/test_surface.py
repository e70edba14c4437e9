"""Every public name of tf.compat.v1.estimator, held as data."""

import inspect

import pytest
import tensorflow as tf

import estimator_mnist.estimator as ours
from estimator_mnist.estimator.canned import not_available


def words(text):
    return text.split()


HOOKS_AND_KIN = words(
    """
    CheckpointSaverHook CheckpointSaverListener FeedFnHook FinalOpsHook
    GlobalStepWaiterHook LoggingTensorHook NanLossDuringTrainingError NanTensorHook
    ProfilerHook SecondOrStepTimer SessionRunArgs SessionRunContext SessionRunHook
    SessionRunValues StepCounterHook StopAtStepHook SummarySaverHook
"""
)

KEPT = words(
    """
    BaselineClassifier BaselineEstimator BaselineRegressor
    BestExporter BinaryClassHead
    DNNClassifier DNNEstimator DNNLinearCombinedClassifier DNNLinearCombinedEstimator
    DNNLinearCombinedRegressor DNNRegressor
    Estimator EstimatorSpec EvalSpec Exporter FinalExporter
    Head LatestExporter LinearClassifier LinearEstimator LinearRegressor
    LogisticRegressionHead ModeKeys MultiClassHead MultiHead MultiLabelHead
    PoissonRegressionHead RegressionHead RunConfig TrainSpec
    VocabInfo WarmStartSettings add_metrics train_and_evaluate
    classifier_parse_example_spec regressor_parse_example_spec
    experimental.InMemoryEvaluatorHook
    experimental.build_raw_supervised_input_receiver_fn experimental.call_logit_fn
    experimental.dnn_logit_fn_builder experimental.linear_logit_fn_builder
    experimental.make_early_stopping_hook
    experimental.make_stop_at_checkpoint_step_hook
    experimental.stop_if_higher_hook experimental.stop_if_lower_hook
    experimental.stop_if_no_decrease_hook experimental.stop_if_no_increase_hook
    export.ClassificationOutput export.EvalOutput export.ExportOutput
    export.PredictOutput export.RegressionOutput export.ServingInputReceiver
    export.TensorServingInputReceiver export.build_parsing_serving_input_receiver_fn
    export.build_raw_serving_input_receiver_fn
    inputs.numpy_input_fn inputs.pandas_input_fn
    tpu.InputPipelineConfig tpu.RunConfig tpu.TPUConfig tpu.TPUEstimator
    tpu.TPUEstimatorSpec
"""
)

LEFT_OUT = words(
    """
    experimental.KMeans experimental.LinearSDCA tpu.experimental.EmbeddingConfigSpec
"""
)

# In tf.estimator of TensorFlow 2.15, or of earlier versions, and not in its
# tf.compat.v1.estimator.
ELSEWHERE = words(
    """
    BoostedTreesClassifier BoostedTreesEstimator BoostedTreesRegressor
    experimental.RNNClassifier experimental.RNNEstimator
"""
)

SIGNATURES = {
    "BaselineClassifier": (
        "model_dir n_classes weight_column label_vocabulary optimizer config"
        " loss_reduction"
    ),
    "BaselineEstimator": "head model_dir optimizer config",
    "BaselineRegressor": (
        "model_dir label_dimension weight_column optimizer config loss_reduction"
    ),
    "LinearClassifier": (
        "feature_columns model_dir n_classes weight_column label_vocabulary optimizer"
        " config partitioner warm_start_from loss_reduction sparse_combiner"
    ),
    "LinearEstimator": (
        "head feature_columns model_dir optimizer config partitioner sparse_combiner"
        " warm_start_from"
    ),
    "LinearRegressor": (
        "feature_columns model_dir label_dimension weight_column optimizer config"
        " partitioner warm_start_from loss_reduction sparse_combiner"
    ),
    "experimental.call_logit_fn": "logit_fn features mode params config",
    "experimental.linear_logit_fn_builder": "units feature_columns sparse_combiner",
    "Estimator": "model_fn model_dir config params warm_start_from",
    "Estimator.train": "self input_fn hooks steps max_steps saving_listeners",
    "Estimator.evaluate": "self input_fn steps hooks checkpoint_path name",
    "Estimator.predict": (
        "self input_fn predict_keys hooks checkpoint_path yield_single_examples"
    ),
    "Estimator.eval_dir": "self name",
    "Estimator.get_variable_names": "self",
    "Estimator.get_variable_value": "self name",
    "Estimator.latest_checkpoint": "self",
    "Estimator.export_saved_model": (
        "self export_dir_base serving_input_receiver_fn assets_extra as_text"
        " checkpoint_path experimental_mode"
    ),
    "Estimator.export_savedmodel": (
        "self export_dir_base serving_input_receiver_fn assets_extra as_text"
        " checkpoint_path strip_default_attrs"
    ),
    "Estimator.experimental_export_all_saved_models": (
        "self export_dir_base input_receiver_fn_map assets_extra as_text"
        " checkpoint_path"
    ),
    "EstimatorSpec": (
        "mode predictions loss train_op eval_metric_ops export_outputs"
        " training_chief_hooks training_hooks scaffold evaluation_hooks"
        " prediction_hooks"
    ),
    "RunConfig": (
        "model_dir tf_random_seed save_summary_steps save_checkpoints_steps"
        " save_checkpoints_secs session_config keep_checkpoint_max"
        " keep_checkpoint_every_n_hours log_step_count_steps train_distribute"
        " device_fn protocol eval_distribute experimental_distribute"
        " experimental_max_worker_delay_secs session_creation_timeout_secs"
        " checkpoint_save_graph_def"
    ),
    "tpu.RunConfig": "tpu_config evaluation_master master cluster kwargs",
    "tpu.RunConfig.replace": "self kwargs",
    "tpu.TPUConfig": (
        "iterations_per_loop num_shards num_cores_per_replica"
        " per_host_input_for_training tpu_job_name initial_infeed_sleep_secs"
        " input_partition_dims eval_training_input_configuration"
        " experimental_host_call_every_n_steps"
        " experimental_allow_per_host_v2_parallel_get_next experimental_feed_hook"
    ),
    "tpu.TPUEstimator": (
        "model_fn model_dir config params use_tpu train_batch_size eval_batch_size"
        " predict_batch_size batch_axis eval_on_tpu export_to_tpu export_to_cpu"
        " warm_start_from embedding_config_spec export_saved_model_api_version"
    ),
    "tpu.TPUEstimatorSpec": (
        "mode predictions loss train_op eval_metrics export_outputs scaffold_fn"
        " host_call training_hooks evaluation_hooks prediction_hooks"
    ),
    "tpu.TPUEstimatorSpec.as_estimator_spec": "self",
    "TrainSpec": "input_fn max_steps hooks saving_listeners",
    "EvalSpec": "input_fn steps name hooks exporters start_delay_secs throttle_secs",
    "train_and_evaluate": "estimator train_spec eval_spec",
    "add_metrics": "estimator metric_fn",
    "classifier_parse_example_spec": (
        "feature_columns label_key label_dtype label_default weight_column"
    ),
    "regressor_parse_example_spec": (
        "feature_columns label_key label_dtype label_default label_dimension"
        " weight_column"
    ),
    "WarmStartSettings": (
        "ckpt_to_initialize_from vars_to_warm_start var_name_to_vocab_info"
        " var_name_to_prev_var_name"
    ),
    "VocabInfo": (
        "new_vocab new_vocab_size num_oov_buckets old_vocab old_vocab_size"
        " backup_initializer axis"
    ),
    "BestExporter": (
        "name serving_input_receiver_fn event_file_pattern compare_fn assets_extra"
        " as_text exports_to_keep"
    ),
    "LatestExporter": (
        "name serving_input_receiver_fn assets_extra as_text exports_to_keep"
    ),
    "FinalExporter": "name serving_input_receiver_fn assets_extra as_text",
    "Exporter.export": (
        "self estimator export_path checkpoint_path eval_result is_the_final_export"
    ),
    "MultiClassHead": (
        "n_classes weight_column label_vocabulary loss_reduction loss_fn name"
    ),
    "BinaryClassHead": (
        "weight_column thresholds label_vocabulary loss_reduction loss_fn name"
    ),
    "RegressionHead": (
        "label_dimension weight_column loss_reduction loss_fn inverse_link_fn name"
    ),
    "LogisticRegressionHead": "weight_column loss_reduction name",
    "PoissonRegressionHead": (
        "label_dimension weight_column loss_reduction compute_full_loss name"
    ),
    "MultiLabelHead": (
        "n_classes weight_column thresholds label_vocabulary loss_reduction loss_fn"
        " classes_for_class_based_metrics name"
    ),
    "MultiHead": "heads head_weights",
    "MultiHead.predictions": "self logits keys",
    "MultiHead.metrics": "self regularization_losses",
    "MultiClassHead.create_estimator_spec": (
        "self features mode logits labels optimizer trainable_variables train_op_fn"
        " update_ops regularization_losses"
    ),
    "MultiClassHead.loss": "self labels logits features mode regularization_losses",
    "MultiClassHead.predictions": "self logits keys",
    "inputs.numpy_input_fn": (
        "x y batch_size num_epochs shuffle queue_capacity num_threads"
    ),
    "inputs.pandas_input_fn": (
        "x y batch_size num_epochs shuffle queue_capacity num_threads target_column"
    ),
    "export.build_raw_serving_input_receiver_fn": "features default_batch_size",
    "export.build_parsing_serving_input_receiver_fn": (
        "feature_spec default_batch_size"
    ),
    "experimental.build_raw_supervised_input_receiver_fn": (
        "features labels default_batch_size"
    ),
    "experimental.InMemoryEvaluatorHook": (
        "estimator input_fn steps hooks name every_n_iter"
    ),
    "experimental.make_early_stopping_hook": (
        "estimator should_stop_fn run_every_secs run_every_steps"
    ),
    "experimental.make_stop_at_checkpoint_step_hook": (
        "estimator last_step wait_after_file_check_secs"
    ),
    "experimental.stop_if_higher_hook": (
        "estimator metric_name threshold eval_dir min_steps run_every_secs"
        " run_every_steps"
    ),
    "experimental.stop_if_no_increase_hook": (
        "estimator metric_name max_steps_without_increase eval_dir min_steps"
        " run_every_secs run_every_steps"
    ),
    "experimental.stop_if_no_decrease_hook": (
        "estimator metric_name max_steps_without_decrease eval_dir min_steps"
        " run_every_secs run_every_steps"
    ),
}


def resolve(module, path):
    for name in path.split("."):
        module = getattr(module, name)
    return module


@pytest.mark.parametrize("path", HOOKS_AND_KIN + KEPT + LEFT_OUT)
def test_name_is_there(est, path):
    assert callable(resolve(est, path))


@pytest.mark.parametrize("name", HOOKS_AND_KIN)
def test_hooks_are_those_of_tensorflow(est, name):
    assert getattr(est, name) is getattr(tf.compat.v1.train, name)


# What ours takes beside, after the original's, each with a default.
MORE = {"RunConfig": ["steps_per_run", "precision"]}


@pytest.mark.parametrize("path", SIGNATURES)
def test_signature_of(est, path):
    parameters = list(inspect.signature(resolve(est, path)).parameters)
    more = MORE.get(path, []) if est is ours else []
    assert parameters == [*words(SIGNATURES[path]), *more]


MODULES = {"", "experimental", "export", "inputs", "tpu", "tpu.experimental"}


def public(estimator, module):
    """Names of a module below `estimator`, from there, but for those of modules."""
    found = resolve(estimator, module) if module else estimator
    paths = {f"{module}.{name}".lstrip(".") for name in dir(found) if name[0] != "_"}
    return paths - MODULES


def test_every_name_of_the_original_is_ours_or_in_the_table_and_no_other_row():
    assert sorted(not_available.REMEDIES) == sorted(LEFT_OUT + ELSEWHERE)
    original = getattr(tf.compat.v1, "estimator", None)
    if original is None:
        pytest.skip(f"TensorFlow {tf.__version__} has no tf.compat.v1.estimator")
    names = set().union(*(public(original, module) for module in MODULES))
    assert names == set(HOOKS_AND_KIN + KEPT + LEFT_OUT)
    rnn = {path for path in ELSEWHERE if path.startswith("experimental.RNN")}
    assert rnn <= public(tf.estimator, "experimental")


@pytest.mark.parametrize("path", LEFT_OUT + ELSEWHERE)
def test_what_ours_leaves_out_names_a_replacement(path):
    with pytest.raises(NotImplementedError, match=f"{path} .* Instead: "):
        resolve(ours, path)()
