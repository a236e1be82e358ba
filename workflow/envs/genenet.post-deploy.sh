#!/usr/bin/env bash
# Snakemake runs this after it has made the environment of genenet.yaml. It installs genenet itself, from the checkout that
# the workflow is in (GENENET_SOURCE, see rules/common.smk), or else the released version.
set -euo pipefail
version=0.1.0
python -m pip install --no-deps --force-reinstall "${GENENET_SOURCE:-genenet-mi==$version}"
