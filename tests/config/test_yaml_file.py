"""Configuration files of somebody: bounds, text keys, and messages in one line."""

from pathlib import Path

import pytest

from genenet.config.yaml_file import read_yaml
from genenet.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "c.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    return str(caught.value)


def aliases(n: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, n)]
    return "\n".join(lines)


def merges(n: int) -> str:
    return "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, n))


REFUSED = {
    "seed: 2024-99-99": "'2024-99-99' is no timestamp (line 1)",
    "seed: !!float abc": "'abc' is no float (line 1)",
    "seed: !!int abc": "'abc' is no int (line 1)",
    "seed: !!bool abc": "'abc' is no bool (line 1)",
    "seed: " + "9" * 5000: f"'{'9' * 77}...' is no int (line 1)",
    "seed: " + "[" * 5000: "it is nested more than 20 deep (line 1)",
    "{a: " * 3000: "it is nested more than 20 deep (line 1)",
    aliases(9): "its aliases make more than 30,000 values (line 5)",
    merges(40): "its aliases make more than 30,000 values (line 14)",
    "[" + "x, " * 40_000: "it holds more than 30,000 keys and values (line 1)",
    "prune:\n  1: 2": "the key 1 is not text (line 2)",
    "~: 2": "the key None is not text (line 1)",
    "2024-01-01: 3": "the key 2024-01-01 is not text (line 1)",
    "? [x]\n: 3": "the key ['x'] is not text (line 1)",
    '"\\ud800": 1': "'\\ud800' is not text (line 1)",
    "seed: 1\nseed: 2": "the key 'seed' is there twice (line 2)",
    "seed: !!python/object/apply:os.system [x]": "could not determine a constructor for the tag"
    " 'tag:yaml.org,2002:python/object/apply:os.system' (line 1)",
    "a: [1": "while parsing a flow sequence expected ',' or ']', but got '<stream end>' (line 1)",
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:20])
def test_read_yaml__refused(tmp_path, text):
    path = write(tmp_path, text)
    assert refusal(path) == f"{path} is not YAML: {REFUSED[text]}"


def test_read_yaml__anchors_and_merge_keys_are_read(tmp_path):
    text = "base: &base {seed: 1}\nd: {<<: *base, prune: {tolerance: 0.1}}\n"
    assert read_yaml(write(tmp_path, text)) == {"base": {"seed": 1}, "d": {"seed": 1, "prune": {"tolerance": 0.1}}}
    assert read_yaml(write(tmp_path, "\ufeff# nothing\n")) == {}


def test_read_yaml__no_mapping(tmp_path):
    path = write(tmp_path, "- " + "x" * 1000)
    assert refusal(path) == (
        f"{path} must hold sections of settings (prune: with key: value below it), got ['{'x' * 75}..."
    )


def test_read_yaml__what_cannot_be_read(tmp_path):
    assert refusal(Path("/dev/zero")) == (
        "cannot read /dev/zero: it is a device or a pipe; write the settings to a file"
    )
    assert refusal(tmp_path) == f"cannot read {tmp_path}: Is a directory"
    assert refusal(tmp_path / "no") == f"cannot read {tmp_path / 'no'}: No such file or directory"
    assert refusal(Path("/" + "x" * 5000)) == f"cannot read /{'x' * 76}...: File name too long"
    path = write(tmp_path, "# " + "x" * 500_000)
    assert refusal(path) == f"{path} is larger than 500,000 bytes, as no configuration is; is it the right file?"
    path.write_bytes(b"seed: 1\n# \xe9\n")
    assert refusal(path) == f"{path} is not UTF-8 text (line 2); save it as UTF-8"
