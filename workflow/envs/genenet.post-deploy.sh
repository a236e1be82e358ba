#!/usr/bin/env bash
# After Snakemake has made the environment of genenet.yaml: genenet itself, of the checkout that the workflow is in
# (GENENET_SOURCE, see rules/common.smk), or else the released one.
set -euo pipefail
version=0.1.0
python -m pip install --no-deps --force-reinstall "${GENENET_SOURCE:-genenet-mi==$version}"
