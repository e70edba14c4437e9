"""tf.contrib.seq2seq: decoders, their helpers, attention, and the loss."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.seq2seq.attention import (
    AttentionWrapper,
    AttentionWrapperState,
)
from estimator_mnist.tf1.contrib.seq2seq.beam_search import (
    BeamSearchDecoder,
    BeamSearchDecoderOutput,
    BeamSearchDecoderState,
    FinalBeamSearchDecoderOutput,
)
from estimator_mnist.tf1.contrib.seq2seq.beams import gather_tree, tile_batch
from estimator_mnist.tf1.contrib.seq2seq.decoding import (
    BasicDecoder,
    BasicDecoderOutput,
    Decoder,
    dynamic_decode,
)
from estimator_mnist.tf1.contrib.seq2seq.helpers import (
    CustomHelper,
    GreedyEmbeddingHelper,
    Helper,
    SampleEmbeddingHelper,
    TrainingHelper,
)
from estimator_mnist.tf1.contrib.seq2seq.losses import sequence_loss
from estimator_mnist.tf1.contrib.seq2seq.mechanisms import (
    AttentionMechanism,
    BahdanauAttention,
    LuongAttention,
)
from estimator_mnist.tf1.contrib.seq2seq.monotonic import (
    BahdanauMonotonicAttention,
    LuongMonotonicAttention,
    hardmax,
    monotonic_attention,
    safe_cumprod,
)
from estimator_mnist.tf1.contrib.seq2seq.scheduled import (
    InferenceHelper,
    ScheduledEmbeddingTrainingHelper,
    ScheduledOutputTrainingHelper,
)

__all__ = [
    "AttentionMechanism",
    "AttentionWrapper",
    "AttentionWrapperState",
    "BahdanauAttention",
    "BahdanauMonotonicAttention",
    "BasicDecoder",
    "BasicDecoderOutput",
    "BeamSearchDecoder",
    "BeamSearchDecoderOutput",
    "BeamSearchDecoderState",
    "CustomHelper",
    "Decoder",
    "FinalBeamSearchDecoderOutput",
    "GreedyEmbeddingHelper",
    "Helper",
    "InferenceHelper",
    "LuongAttention",
    "LuongMonotonicAttention",
    "SampleEmbeddingHelper",
    "ScheduledEmbeddingTrainingHelper",
    "ScheduledOutputTrainingHelper",
    "TrainingHelper",
    "dynamic_decode",
    "gather_tree",
    "hardmax",
    "monotonic_attention",
    "safe_cumprod",
    "sequence_loss",
    "tile_batch",
]

__getattr__ = replacements.module_getattr("tf.contrib.seq2seq")
