"""paperatlas: related papers, named themes and theme maps for any list of abstracts, offline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.atlas import Atlas
    from pipeline.theme_model import ThemeModel

__all__ = ["Atlas", "ThemeModel"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    # Looked up late: NumPy and SQLite are not loaded for `paperatlas --help`.
    if name == "Atlas":
        from pipeline.atlas import Atlas

        return Atlas
    if name == "ThemeModel":
        from pipeline.theme_model import ThemeModel

        return ThemeModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
