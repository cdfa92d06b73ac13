"""What planlib rendered for a client, kept in the hidden folder .planlib of the workbook."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path, PurePosixPath
from typing import Any

from planlib.clients.answers import Answers, check_answers
from planlib.errors import WorkbookError
from planlib.store.atomic import read_json, write_bytes, write_json

HIDDEN = ".planlib"
_STATE = "template.json"
#: Files that are compared as a whole, never merged.
BINARY = (".xlsx",)


class Pristine:
    """
    The texts and fingerprints of the last rendering.

    Parameters
    ----------
    root
        The client's workbook.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / HIDDEN
        self.texts = self.home / "pristine"

    @property
    def is_there(self) -> bool:
        """Whether the workbook was made by ``planlib new``."""
        return (self.home / _STATE).is_file()

    def read(self) -> tuple[Answers, dict[str, str]]:
        """
        Give the answers, and the fingerprint of each rendered file.

        Raises
        ------
        WorkbookError
            If the workbook was not made by ``planlib new``, or its note is broken.
        """
        if not self.is_there:
            raise WorkbookError(
                f"{self.root.name} was not made by planlib new (no {HIDDEN}/{_STATE}); "
                "there is no template to bring up to date"
            )
        state = read_json(self.home / _STATE)
        files = state.get("files") if isinstance(state, dict) else None
        if not isinstance(files, dict) or not all(map(is_inside, files)):
            raise WorkbookError(f"{self.home / _STATE} is broken; restore it from a backup")
        return check_answers(**state.get("answers", {})), dict(files)

    def write(self, answers: Answers, files: dict[str, str]) -> None:
        """Keep answers and fingerprints."""
        content: dict[str, Any] = {
            "answers": answers.model_dump(mode="json"),
            "files": files,
        }
        write_json(self.home / _STATE, content)

    def text(self, name: str) -> str | None:
        """Give a rendered text, or None where it is not kept."""
        path = self.texts / name
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def keep(self, name: str, content: bytes) -> None:
        """Keep a rendered text; of other files the fingerprint is enough."""
        if not name.endswith(BINARY):
            write_bytes(self.texts / name, content)

    def forget(self, name: str) -> None:
        """Forget a text that is no longer rendered."""
        (self.texts / name).unlink(missing_ok=True)

    def clear(self, name: str) -> None:
        """Remove a side folder."""
        shutil.rmtree(self.home / name, ignore_errors=True)


def is_inside(name: str) -> bool:
    """Tell whether a name is that of a file within the workbook."""
    path = PurePosixPath(name)
    return (
        not path.is_absolute() and ".." not in path.parts and ":" not in name and "\\" not in name
    )


def fingerprint(content: bytes) -> str:
    """Give a hash of a file's content; line ends do not matter in texts."""
    if not content.startswith(b"PK"):
        content = content.replace(b"\r\n", b"\n")
    return hashlib.sha256(content).hexdigest()


def rendered(folder: Path) -> dict[str, bytes]:
    """Give the files of a rendering by name, with / between the parts."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and HIDDEN not in path.relative_to(folder).parts
    }
