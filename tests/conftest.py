"""Shared by all tests: hypothesis profiles, the folder of shared data, a cycle of the sample."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from planlib.language import speaking
from tools.execute_notebooks import Project, make_project

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("default", max_examples=20, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Speak English again after a test that opened a workbook in Chinese."""
    with speaking("en"):
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder of the shared real data; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared"
    if not (folder / "real").is_dir():
        pytest.skip("the shared real data are not beside this checkout (../shared/real)")
    return folder


@pytest.fixture(scope="session")
def software_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of notebooks and software sample with one freshly run cycle, made once a session."""
    return make_project(tmp_path_factory.mktemp("software") / "project")


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the code believe that somebody sits before the notebook."""
    monkeypatch.setenv("PLANLIB_INTERACTIVE", "1")
