"""Find the notebooks, templates and data samples: inside an installed wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path

from planlib.errors import WorkbookError

_PACKAGE = Path(__file__).resolve().parent


def notebooks_dir() -> Path:
    """
    Give the folder of the package's notebooks.

    Returns
    -------
    Path
        ``planlib/_resources/notebooks`` of an installed wheel, else ``notebooks`` of the checkout.

    Raises
    ------
    WorkbookError
        If neither exists, which means that the installation is not complete.
    """
    return _find("notebooks")


def templates_dir() -> Path:
    """Give the folder of templates: client workbook, column maps, presets, report template."""
    return _find("templates")


def samples_dir() -> Path:
    """
    Give the folder of the data samples.

    The samples of an installed wheel belong to the installation: copy one before running on it.
    """
    return _find("data_samples")


def is_checkout() -> bool:
    """Tell whether the package runs from its source tree (also by an editable installation)."""
    return not (_PACKAGE / "_resources").is_dir()


def _find(name: str) -> Path:
    folder = (_PACKAGE.parent if is_checkout() else _PACKAGE / "_resources") / name
    if folder.is_dir():
        return folder
    raise WorkbookError(
        f"folder '{name}' of planlib was not found, neither in the installed package nor in a "
        "checkout; install planlib again, or run from a complete copy of the repository"
    )
