"""tf.contrib.seq2seq: decoders, their helpers, attention, and the loss."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.seq2seq.attention import (
    AttentionMechanism,
    AttentionWrapper,
    AttentionWrapperState,
    BahdanauAttention,
    LuongAttention,
)
from estimator_mnist.tf1.contrib.seq2seq.beams import tile_batch
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

__all__ = [
    "AttentionMechanism",
    "AttentionWrapper",
    "AttentionWrapperState",
    "BahdanauAttention",
    "BasicDecoder",
    "BasicDecoderOutput",
    "CustomHelper",
    "Decoder",
    "GreedyEmbeddingHelper",
    "Helper",
    "LuongAttention",
    "SampleEmbeddingHelper",
    "TrainingHelper",
    "dynamic_decode",
    "sequence_loss",
    "tile_batch",
]

__getattr__ = replacements.module_getattr("tf.contrib.seq2seq")
