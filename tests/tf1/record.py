"""Writes recorded.json: run by TensorFlow 1.15, `python tests/tf1/record.py`."""

import json
import pathlib
import sys

import tensorflow as tf

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

import evaluate  # noqa: E402, from the folder of this file


def main():
    tf.compat.v1.logging.set_verbosity("ERROR")
    chosen = sys.argv[1:]
    cases = evaluate.all_cases("cases.")
    path = HERE / "recorded.json"
    recorded = json.loads(path.read_text()) if path.exists() else {}
    recorded = {name: value for name, value in recorded.items() if name in cases}
    for name, case in cases.items():
        if not chosen or any(name.startswith(each) for each in chosen):
            try:
                recorded[name] = evaluate.outcome(tf, case)
            except Exception as error:
                print(name, type(error).__name__, str(error)[:500])
                recorded.pop(name, None)
    lines = [
        f"{json.dumps(name)}: {json.dumps(recorded[name])}" for name in sorted(recorded)
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
