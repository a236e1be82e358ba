#!/usr/bin/env bash
# After Snakemake has made the environment of genenet.yaml: genenet itself, the one of the checkout that this file is in, or
# of an installed package or a workflow fetched from elsewhere the released one of the same version.
set -euo pipefail
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=0.1.0
if [[ -f $checkout/pyproject.toml && -d $checkout/genenet ]]; then
    python -m pip install --no-deps "$checkout"
else
    python -m pip install --no-deps "genenet-mi==$version"
fi
