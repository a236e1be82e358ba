"""Files that are made from the settings: config/config.yaml, the JSON schema, the keywords of Python functions."""

import json
import sys
import textwrap
from pathlib import Path
from typing import Any

from genenet.config.keys import KEYS, SECTIONS, Key, text_of
from genenet.config.sections import Settings
from genenet.workflow.datasets import _NAME, WORKFLOW_KEYS, DatasetFiles, Workflow
from genenet.workflow.generated_keywords import keywords_module

CONFIG_PATH = Path("config", "config.yaml")
SCHEMA_PATH = Path("workflow", "schemas", "config.schema.json")
KEYWORDS_PATH = Path("genenet", "config", "keywords.py")
_HEAD = """\
Configuration of genenet's workflow: every key with its default.

To run your own data, write a file that has your data sets and only the keys that you change, and give it with
--configfile; or change this one. (Made by `python -m genenet.workflow` from genenet/config/sections.py.)
"""
_DATASETS = """\
Data sets to run, by name (letters, digits, '.', '_', '-'). Without any, the built-in example is run. As in:

datasets:
  tumour:
    matrix: data/tumour.tsv.gz       # genes x samples, TSV or CSV, plain or gzipped; or .h5ad
    regulators: data/regulators.txt  # one gene a line; without it all genes are alike
    targets: data/targets.txt        # likewise: only pairs with a target are tested; optional
    pairs: data/motifs.tsv           # two genes a line: only these pairs are tested; optional
    keep: data/markers.txt           # genes that no filter drops; optional
    control_genes: data/or.txt       # genes without a function here (olfactory receptors in screens); optional
    table: data/samples.tsv          # sample attributes, names of the samples first; optional
    group_by: tissue                 # a network for each level of a sample attribute; optional
    differential: true               # which pairs of genes differ between these groups; optional
    truth: data/known_edges.tsv      # columns regulator and target, to count how many were found; optional
    gene_sets: data/hallmark.gmt     # gene sets that the report tests the modules for; optional
    prune:                           # any key of the sections below, for this data set only
      tolerance: 0.1
"""


def config_yaml() -> str:
    """Write the configuration file: every key with its description and default."""
    blocks = [
        _comment(_HEAD),
        f"{_comment(_DATASETS)}\ndatasets:",
        *map(_entry, WORKFLOW_KEYS.values()),
    ]
    keys = list(KEYS.values())
    blocks += [_entry(key) for key in keys if not key.section]
    for section in SECTIONS:
        entries = [textwrap.indent(_entry(key, width=116), "  ") for key in keys if key.section == section]
        doc = (Settings.model_fields[section].annotation.__doc__ or "").splitlines()[0]
        blocks.append("\n".join([_comment(doc), f"{section}:", *entries]))
    return "\n\n".join(blocks) + "\n"


def _entry(key: Key, width: int = 118) -> str:
    value = f"[{', '.join(key.default)}]" if key.kind == "list" else text_of(key.default)
    comment = f"{_comment(key.description, width)}\n{_comment(f'({key.expected})', width)}"
    return f"{comment}\n{key.name}: {value}".rstrip()


def _comment(text: str, width: int = 118) -> str:
    lines = [line for given in text.rstrip().split("\n") for line in _wrap(given, width)]
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _wrap(line: str, width: int) -> list[str]:
    # Short lines are left alone: they may be indented YAML.
    return textwrap.wrap(line, width) if len(line) > width else [line]


def config_schema() -> dict[str, Any]:
    """Make the JSON schema of the configuration file, for editors."""
    schema = Settings.model_json_schema()
    files = DatasetFiles.model_json_schema()
    dataset = {
        "type": "object",
        "additionalProperties": False,
        "required": files["required"],
        "properties": files["properties"] | schema["properties"],
    }
    datasets = {
        "type": ["object", "null"],
        "description": "Data sets to run, by name; without any, the built-in example.",
        "propertyNames": {"pattern": f"^{_NAME.pattern}$"},
        "additionalProperties": {"$ref": "#/$defs/Dataset"},
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "genenet workflow"
    schema["$defs"]["Dataset"] = dataset
    schema["properties"] = {"datasets": datasets} | Workflow.model_json_schema()["properties"] | schema["properties"]
    return schema


def generated_files() -> dict[Path, str]:
    """Contents of the files of the repository that are made from the settings models, by path."""
    return {
        CONFIG_PATH: config_yaml(),
        SCHEMA_PATH: json.dumps(config_schema(), indent=2, sort_keys=True) + "\n",
        KEYWORDS_PATH: keywords_module(),
    }


def main() -> None:
    """Write the generated files into the repository in the current directory, or the one named."""
    from genenet.files.atomic import atomic

    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    for path, text in generated_files().items():
        with atomic(root / path) as partial:
            partial.write_text(text, encoding="utf-8")
