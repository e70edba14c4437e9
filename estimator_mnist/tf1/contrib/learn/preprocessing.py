"""Words as numbers: VocabularyProcessor and its kin."""

import collections
import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from estimator_mnist.tf1 import replacements

__all__ = [
    "ByteProcessor",
    "CategoricalProcessor",
    "CategoricalVocabulary",
    "TOKENIZER_RE",
    "VocabularyProcessor",
]

# Capitals, a capitalised word before a capital, or a word with ' and -.
TOKENIZER_RE = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|['\w\-]+")


class CategoricalVocabulary:
    """Numbers categories in the order of their coming; 0 is the unknown one."""

    def __init__(
        self, unknown_token: str = "<UNK>", support_reverse: bool = True
    ) -> None:
        self._unknown, self._reversible = unknown_token, support_reverse
        self._mapping: dict[Any, int] = {unknown_token: 0}
        self._names = [unknown_token]
        self._freq: collections.Counter[Any] = collections.Counter()
        self._is_frozen = False

    def __len__(self) -> int:
        return len(self._mapping)

    def freeze(self, freeze: bool = True) -> None:
        """Makes new categories unknown from now on."""
        self._is_frozen = freeze

    def get(self, category: Any) -> int:
        """Returns the number of a category, which is added unless it is frozen."""
        if category not in self._mapping:
            if self._is_frozen:
                return 0
            self._mapping[category] = len(self._mapping)
            self._names.append(category)
        return self._mapping[category]

    def add(self, category: Any, count: int = 1) -> None:
        """Counts a category."""
        if self.get(category) > 0:
            self._freq[category] += count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keeps those that occur more often than `min_frequency`, most often first."""
        kept = sorted(self._freq.items(), key=lambda item: (-item[1], item[0]))
        limit = max_frequency if max_frequency > 0 else None
        names = [
            name
            for name, count in kept
            if count > min_frequency and (limit is None or count < limit)
        ]
        self._names = [self._unknown, *names]
        self._mapping = {name: number for number, name in enumerate(self._names)}
        self._freq = collections.Counter({name: self._freq[name] for name in names})

    def reverse(self, class_id: int) -> Any:
        """Returns the category of a number.

        Raises:
          ValueError: this vocabulary does not keep them.
        """
        if not self._reversible:
            raise ValueError("This vocabulary wasn't initialized to support reverse.")
        return self._names[class_id]


class VocabularyProcessor:
    """Documents as rows of word numbers: cut off, or filled with 0.

    Attributes:
      vocabulary_: a CategoricalVocabulary.
    """

    def __init__(
        self,
        max_document_length: int,
        min_frequency: int = 0,
        vocabulary: CategoricalVocabulary | None = None,
        tokenizer_fn: Callable[[Iterable[str]], Iterable[list[str]]] | None = None,
    ) -> None:
        """Makes a processor.

        Args:
          max_document_length: length of the rows.
          min_frequency: words that occur so often or less are unknown.
          vocabulary: None: a new one.
          tokenizer_fn: from documents to lists of words.
        """
        self.max_document_length = max_document_length
        self.min_frequency = min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or _words

    def fit(
        self, raw_documents: Iterable[str], unused_y: Any = None
    ) -> "VocabularyProcessor":
        """Learns the words; returns itself."""
        for tokens in self._tokenizer(raw_documents):
            for token in tokens:
                self.vocabulary_.add(token)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(
        self, raw_documents: Iterable[str], unused_y: Any = None
    ) -> Iterator[np.ndarray]:
        """Learns the words, and returns the rows."""
        documents = list(raw_documents)
        return self.fit(documents).transform(documents)

    def transform(self, raw_documents: Iterable[str]) -> Iterator[np.ndarray]:
        """Yields a row of numbers, int64 [max_document_length], for each document."""
        for tokens in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            numbers = [self.vocabulary_.get(token) for token in tokens]
            numbers = numbers[: self.max_document_length]
            row[: len(numbers)] = numbers
            yield row

    def reverse(self, documents: Iterable[Iterable[int]]) -> Iterator[str]:
        """Yields the words of each row, joined by spaces."""
        for row in documents:
            names = [self.vocabulary_.reverse(int(number)) for number in row]
            yield " ".join(names)

    def save(self, filename: str) -> None:
        """Writes itself to a file."""
        with tf.io.gfile.GFile(filename, "wb") as file:
            file.write(pickle.dumps(self))

    @classmethod
    def restore(cls, filename: str) -> "VocabularyProcessor":
        """Reads what `save` wrote: of files that you trust, they are pickles."""
        with tf.io.gfile.GFile(filename, "rb") as file:
            return pickle.loads(file.read())


class ByteProcessor:
    """Documents as rows of bytes, uint8."""

    def __init__(self, max_document_length: int) -> None:
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> "ByteProcessor":
        """Returns itself."""
        return self

    def fit_transform(self, x: Iterable[str | bytes]) -> Iterator[np.ndarray]:
        """Returns `transform`."""
        return self.transform(x)

    def transform(self, x: Iterable[str | bytes]) -> Iterator[np.ndarray]:
        """Yields a row for each document."""
        for document in x:
            data = document.encode() if isinstance(document, str) else document
            row = np.zeros(self.max_document_length, np.uint8)
            data = data[: self.max_document_length]
            row[: len(data)] = np.frombuffer(data, np.uint8)
            yield row

    def reverse(self, x: Iterable[np.ndarray]) -> Iterator[str]:
        """Yields the text of each row."""
        for row in x:
            data = np.asarray(row, np.uint8).tobytes()
            yield data.rstrip(b"\0").decode(errors="ignore")


class CategoricalProcessor:
    """Rows of categories as rows of numbers, by a vocabulary for each column."""

    def __init__(self, min_frequency: int = 0, share: bool = False) -> None:
        self.min_frequency, self.share = min_frequency, share
        self.vocabularies_: list[CategoricalVocabulary] = []

    def fit(self, x: Iterable[Any], unused_y: Any = None) -> "CategoricalProcessor":
        """Learns the categories; returns itself."""
        rows = [list(row) for row in x]
        one = CategoricalVocabulary()
        self.vocabularies_ = [
            one if self.share else CategoricalVocabulary() for _ in rows[0]
        ]
        for row in rows:
            for vocabulary, value in zip(self.vocabularies_, row, strict=True):
                vocabulary.add(value)
        for vocabulary in self.vocabularies_:
            if self.min_frequency > 0:
                vocabulary.trim(self.min_frequency)
            vocabulary.freeze()
        return self

    def fit_transform(self, x: Iterable[Any], unused_y: Any = None) -> Iterator[Any]:
        """Learns the categories, and returns the rows."""
        rows = list(x)
        return self.fit(rows).transform(rows)

    def transform(self, x: Iterable[Any]) -> Iterator[np.ndarray]:
        """Yields a row of numbers, int64, for each row of categories."""
        for row in x:
            pairs = zip(self.vocabularies_, row, strict=True)
            yield np.array([words.get(value) for words, value in pairs], np.int64)


def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """Yields the words of each document, by TOKENIZER_RE."""
    for value in iterator:
        yield TOKENIZER_RE.findall(value)


_words = tokenizer

__path__: list[str] = []  # imports of modules below it are explained, too
__getattr__ = replacements.module_getattr("tf.contrib.learn.preprocessing")
