"""Commands make no use of plugins of pydantic, and do not look for them among all packages that are installed."""

import os

os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
