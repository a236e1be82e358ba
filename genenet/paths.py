"""The type of paths that functions take."""

import os

PathLike = str | os.PathLike[str]
