"""How the pages are built: `sphinx-build -W docs docs/_build/html`, from the extra `docs`, without the network."""

import sys
import tomllib
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE)]

PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "genenet"
author = copyright = PROJECT["authors"][0]["name"]
version = release = PROJECT["version"]
language = "en_GB"
smartquotes = False  # options keep their two hyphens

extensions = [
    "mathml",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build", "_generated", "jupyter_execute"]
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}

# Pages are Markdown; formulas between dollars.
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4

# The tutorial is computed anew with every build, and an error in it is an error of the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_show_tb = True

# Docstrings: types stand in the signature, texts below it.
default_role = "py:obj"
autodoc_class_signature = "separated"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autosummary_generate = True
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_maximum_signature_line_length = 88
add_module_names = False
maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"genenet {version}"
html_static_path = ["_static"]
html_css_files = ["genenet.css"]
html_math_renderer = "mathml"
html_copy_source = html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# Drawn by genenet itself when the pages are built: one script each, with a function that makes the figure.
FIGURES = ("four_panels", "pivot", "kernels")


def generate(app: object) -> None:
    """Write the pages of the reference, and each figure as SVG."""
    import matplotlib as mpl
    import reference

    folder = HERE / "_generated"
    folder.mkdir(exist_ok=True)
    for page in ("commands", "api"):
        (folder / f"{page}.md").write_text(getattr(reference, page)(), encoding="utf-8")
    with mpl.rc_context({"svg.hashsalt": "genenet", "font.size": 9, "svg.fonttype": "path"}):
        for name in FIGURES:
            figure = import_module(f"figures.{name}").draw()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, bbox_inches="tight")


def setup(app: object) -> None:
    """Make them before pages are read."""
    app.connect("builder-inited", generate)  # type: ignore[attr-defined]
