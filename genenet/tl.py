"""Functions in the style of scanpy's tools: they take an AnnData and write their results into it."""

from typing import Unpack

from anndata import AnnData

from genenet import pipeline
from genenet.config.signatures import takes_keywords_of
from genenet.pipeline import InferenceKeywords


@takes_keywords_of(pipeline.infer_network)
def infer_network(
    adata: AnnData, *, key_added: str = "genenet", copy: bool = False, **keywords: Unpack[InferenceKeywords]
) -> AnnData | None:
    """Infer a gene co-dependency network, and write it into the AnnData.

    It is `genenet.infer_network` and `genenet.Result.to_anndata` in one call.

    Parameters
    ----------
    adata
        obs = samples (or cells), var = genes, as `layer` or `X` has them.
    key_added
        Prefix of the names of all that is added.
    copy
        Write into a copy and return that, instead of writing into `adata`.
    **keywords
        All keywords of `genenet.infer_network`: lists of genes (`regulators=`), and settings (`layer=`, `alpha=`).

    Returns
    -------
    AnnData or None
        None, or the copy if `copy`. It gets `varp[f"{key_added}_mi"]` and more, `var[f"{key_added}_degree"]` and more,
        `obs[f"{key_added}_anomaly_z"]` and more, and `uns[key_added]`, as `genenet.Result.to_anndata` says. Nothing
        else is changed.

    Raises
    ------
    genenet.errors.InputError
        If something is wrong with the data.
    genenet.errors.ConfigError
        If something is wrong with the settings.

    Examples
    --------
    >>> import genenet
    >>> adata = genenet.simulate_expression(n_genes=40, n_regulators=6, n_samples=120, seed=1).expression
    >>> genenet.tl.infer_network(adata, seed=1, n_draws=100_000)
    >>> adata.uns["genenet"]["edges"][["gene_a", "gene_b"]].iloc[0].tolist()
    ['TF04', 'G39']
    >>> list(adata.varp)
    ['genenet_mi', 'genenet_score', 'genenet_spearman']
    """
    result = pipeline.infer_network(adata, **keywords)
    if copy:
        return result.to_anndata(key_added=key_added)
    result.add_to(adata, key_added=key_added)
    return None
