"""Whatever the state file holds: checkpoints within the folder, or none."""

import os

import hypothesis
from hypothesis import strategies as st

from estimator_mnist.estimator.checkpoint import integrity, paths

names = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["model.ckpt-5", "/gone/model.ckpt-5", "..", "../..", "C:\\x\\y"]),
)
lines = st.one_of(
    st.builds('model_checkpoint_path: "{}"\n'.format, names),
    st.builds('all_model_checkpoint_paths: "{}"\n'.format, names),
    st.text(max_size=30),
)
states = st.one_of(st.binary(max_size=80), st.lists(lines).map("".join).map(str.encode))


@hypothesis.settings(max_examples=300)
@hypothesis.given(state=states)
def test_any_state_file_names_nothing_outside_its_folder(tmp_path_factory, state):
    folder = tmp_path_factory.getbasetemp() / "fuzzed_dir"
    folder.mkdir(exist_ok=True)
    (folder / "checkpoint").write_bytes(state)
    for path in [*paths.named(str(folder)), *paths.candidates(str(folder))]:
        assert os.path.dirname(path) == str(folder)
        assert integrity.problem(path)
    assert paths.latest(str(folder)) is None
