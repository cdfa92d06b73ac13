"""Take the README's pictures from the stored outputs of the notebooks (for ``make notebooks``)."""

from __future__ import annotations

import base64
import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"

#: Picture by the notebook and the id of the cell that shows it.
PICTURES = {
    "segments.png": ("02_segmentation", "02-people"),
    "territories.png": ("03_territories", "03-map"),
    "balance.png": ("03_territories", "03-balance"),
    "key_accounts.png": ("05_key_accounts", "05-sales"),
    "bridge.png": ("06_pipeline", "06-bridge"),
    "forecast.png": ("06_pipeline", "06-forecast-fan"),
    "council.png": ("07_council", "07-colours"),
}


def stored_picture(notebook: Path, cell_id: str) -> bytes:
    """
    Give the first PNG among the stored outputs of a cell.

    Raises
    ------
    LookupError
        If there is no such cell, or it shows no picture.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if cell["id"] == cell_id:
            for output in cell.get("outputs", []):
                picture = output.get("data", {}).get("image/png")
                if picture:
                    return base64.b64decode("".join(picture))
    raise LookupError(f"{notebook.name}: no cell '{cell_id}' with a picture")


def main() -> None:
    """Write every picture that the README shows."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (notebook, cell_id) in PICTURES.items():
        picture = stored_picture(ROOT / "notebooks" / f"{notebook}.ipynb", cell_id)
        (FOLDER / name).write_bytes(picture)


if __name__ == "__main__":
    main()
