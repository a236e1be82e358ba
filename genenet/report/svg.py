"""Writing matplotlib figures as SVG into the page: same bytes each time, text kept as text, colours of its theme."""

import io
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

from genenet.errors import count, logger_of
from genenet.files.atomic import atomic
from genenet.report.colours import PAPER, THEMED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 96

MISSING = r"Glyph \d+ .* missing from font"
"""Matplotlib's warning of a letter that its font does not have."""

logger = logger_of(__name__)

_IDS_OF_GROUPS = re.compile(r'<g id="[A-Za-z]+_\d+">')
_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)pt" height="([\d.]+)pt"[^>]*>')


@contextmanager
def figure_of(n: int, *, width: float, height: float, columns: int = 0) -> "Iterator[tuple[Figure, list[Axes]]]":
    """Make a figure of `n` axes without any window; `width` x `height` inches each.

    Its look does not depend on the user's settings of matplotlib.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    columns = columns or n
    rows = -(-n // columns)
    look: dict[Any, Any] = {
        "svg.fonttype": "none", "svg.hashsalt": "genenet", "font.family": "sans-serif", "figure.dpi": DPI,
        "backend": "agg", "path.simplify": True, "text.parse_math": False, "svg.image_inline": True,
    }  # fmt: skip
    with mpl.rc_context({**mpl.rcParamsDefault, **look}), warnings.catch_warnings():
        # Texts of a page are written by the browser, in whatever font has their letters.
        warnings.filterwarnings("ignore", MISSING)
        figure = Figure(figsize=(columns * width, rows * height), layout="constrained", facecolor="none")
        engine = figure.get_layout_engine()
        if engine is not None:
            # Titles keep away from the labels of the row above, and labels from the axes at their left.
            engine.set(h_pad=0.12 if rows > 1 else 0.04, w_pad=0.1 if columns > 1 else 0.04)  # type: ignore[call-arg]
        axes = [figure.add_subplot(rows, columns, place + 1) for place in range(n)]
        yield figure, axes


def inline_svg(figure: "Figure", label: str) -> str:
    """Write a figure of `figure_of` as SVG for a page; call inside its block.

    Parameters
    ----------
    figure
        The figure.
    label
        Description for readers who cannot see the figure.
    """
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.StringIO()
    # With an engine, `savefig` would draw everything twice.
    FigureCanvasSVG(figure)
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = _IDS_OF_GROUPS.sub("<g>", text)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = _SIZE.sub(
        lambda found: (
            f'<svg class="figure" role="img" aria-label="{escape(label)}" viewBox="0 0 {found[1]} {found[2]}"'
            f' style="max-width: {float(found[1]) * DPI / 72:.0f}px; --natural: {float(found[1]) * DPI / 72:.0f}px"'
            ' xmlns:xlink="http://www.w3.org/1999/xlink">'
        ),
        text,
        count=1,
    )
    for colour, themed in THEMED.items():
        text = text.replace(colour, themed)
    # Texts keep their size and get the font of the page.
    text = re.sub(r"font: (?:\d+ )?([\d.]+)px [^;\"]*", r"font-size: \1px", text)
    return text.strip()


def write_figure(figure: "Figure", path: str | os.PathLike[str], suffix: str, *, dpi: int = 200) -> None:
    """Write a figure of `figure_of` as a PNG, SVG or PDF file without a date; call inside its block."""
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Creator": "genenet"},
        "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": "genenet"},
        "png": {"Software": "genenet"},
    }
    with atomic(path) as partial, warnings.catch_warnings(record=True) as found:
        warnings.filterwarnings("always", MISSING)
        figure.savefig(partial, format=suffix, dpi=dpi, metadata=metadata[suffix], facecolor=PAPER)
    missing = {str(warning.message) for warning in found if re.match(MISSING, str(warning.message))}
    if missing and suffix != "svg":
        logger.warning(
            "%s: the font of the figure lacks %s, drawn as boxes; an .svg has names as text, in the viewer's font",
            path, count(len(missing), "letter"),
        )  # fmt: skip
