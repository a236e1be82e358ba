"""The Snakemake workflow's side of genenet: its configuration, and what its jobs need.

`datasets` checks the configuration, `missing` its files, `generated` makes config.yaml and the JSON schema from the
settings, `plan` forecasts time, memory and disk, `trial` measures them on a thousand genes, `other_folders` finds
results of data sets that the configuration does not have, `made_otherwise` those of another configuration that
Snakemake has no record of, `at_work` locks data sets, and `slurm` cancels jobs that a killed run left behind.
"""

from genenet.config.step_options import STEP_KEYS, option_name, step_options, value_of
from genenet.workflow.datasets import Dataset, DatasetFiles, WorkflowConfig, workflow_from
from genenet.workflow.generated import config_schema, config_yaml, generated_files
from genenet.workflow.missing import missing_files

__all__ = [
    "STEP_KEYS",
    "Dataset",
    "DatasetFiles",
    "WorkflowConfig",
    "config_schema",
    "config_yaml",
    "generated_files",
    "missing_files",
    "option_name",
    "step_options",
    "value_of",
    "workflow_from",
]
