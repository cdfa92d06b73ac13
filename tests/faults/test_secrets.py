"""A secret in the environment reaches no file that a cycle writes and no word that it says."""

from __future__ import annotations

import csv
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from planlib import resources
from planlib.errors import InputError
from planlib.intake.read import read_database
from planlib.settings.inputs import Source

CANARY = "Tr0ub4dor-canary-9f31"
ROOT = Path(__file__).resolve().parent.parent.parent
TINY = ROOT / "tests" / "data" / "tiny"
ACCOUNTS = "select * from accounts"


def make_workbook(folder: Path) -> Path:
    """The tiny workbook in a folder with an awkward name; its accounts lie in a database."""
    root = folder / "client 华东 & {x}"
    shutil.copytree(TINY, root)
    lines = (root / "inputs" / "accounts.csv").read_text(encoding="utf-8-sig").splitlines()
    (root / "inputs" / "accounts.csv").unlink()
    header = [name.strip() for name in lines[0].split(",")]
    connection = sqlite3.connect(folder / "crm.db")
    connection.execute(f"create table accounts ({', '.join(header)})")
    marks = ", ".join("?" * len(header))
    rows = [row for row in csv.reader(lines[1:]) if len(row) == len(header)]
    connection.executemany(f"insert into accounts values ({marks})", rows)  # noqa: S608
    connection.commit()
    connection.close()
    sources = "".join(
        f"    - {{path: {path.name}}}\n" for path in sorted((root / "inputs").iterdir())
    )
    plan = (root / "plan.yaml").read_text(encoding="utf-8")
    assert "inputs:" not in plan
    (root / "plan.yaml").write_text(
        f"{plan}\ninputs:\n  sources:\n{sources}"
        f"    - {{table: accounts, url: 'env:PLANLIB_CANARY', query: '{ACCOUNTS}'}}\n",
        encoding="utf-8",
    )
    return root


def run(root: Path, address: str) -> subprocess.CompletedProcess[str]:
    """Run the intake of a cycle as a person would, with all words that can be had."""
    words = ["run", str(root), "--cycle", "2026Q1", "--only", "01_intake", "--debug"]
    return subprocess.run(
        [sys.executable, "-m", "planlib", *words],
        env={**os.environ, "PLANLIB_CANARY": address, "PYTHONPATH": str(ROOT)},
        cwd=root.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def holders(folder: Path) -> list[str]:
    """Files with the secret in them, also packed ones, or in their names."""
    word = CANARY.encode()
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                content += b"".join(archive.read(name) for name in archive.namelist())
        if path.suffix == ".parquet":
            import pandas as pd

            content += pd.read_parquet(path).to_csv().encode()
        if word in content or CANARY in str(path.relative_to(folder)):
            found.append(path.name)
    return found


def test_the_search_finds_what_is_hidden(tmp_path: Path) -> None:
    """In a packed file, in a table, in a name."""
    import pandas as pd

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.xml", f"<a>{CANARY}</a>" * 50)
    pd.DataFrame({"a": [CANARY] * 3}).to_parquet(tmp_path / "b.parquet")
    (tmp_path / f"{CANARY}.txt").write_text("")
    (tmp_path / "fine.txt").write_text("fine")
    assert holders(tmp_path) == [f"{CANARY}.txt", "a.xlsx", "b.parquet"]


@pytest.mark.slow
def test_a_cycle_that_reads_a_database_keeps_its_address_to_itself(tmp_path: Path) -> None:
    """The run reads the accounts; then one with a wrong address fails, named by the variable."""
    root = make_workbook(tmp_path)
    good = f"sqlite:///file:{tmp_path / 'crm.db'}?mode=ro&uri=true&token={CANARY}"
    done = run(root, good)
    assert done.returncode == 0, done.stderr
    assert (root / "cycles" / "2026Q1" / "r1" / "inputs" / "accounts.parquet").is_file()
    campaigns = root / "inputs" / "campaigns.csv"
    campaigns.write_bytes(campaigns.read_bytes() + b"\n")
    failed = run(root, f"sqlite:////nowhere/{CANARY}/crm.db")
    assert failed.returncode == 2, failed.stderr
    assert "check the address in PLANLIB_CANARY" in failed.stderr
    kept = root / "cycles" / "2026Q1" / "building" / "failed" / "01_intake.ipynb"
    assert "PLANLIB_CANARY" in kept.read_text(encoding="utf-8")
    said = done.stdout + done.stderr + failed.stdout + failed.stderr
    assert CANARY not in said
    assert holders(tmp_path) == []


@pytest.mark.parametrize(
    "address",
    [
        f"sqlite:///file:x?{CANARY}=1",
        f"sqlite:////nowhere/{CANARY}/crm.db",
        f"nosuch://user:{CANARY}@host/db",
        f"{CANARY} is no address",
        f"sqlite://user:{CANARY}@host/db",
        f"sqlite:///:memory:?timeout={CANARY}",
        f"sqlite:///:memory:?isolation_level={CANARY}",
    ],
)
def test_whatever_a_driver_says_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Every kind of error on the way to a database is told without the address."""
    monkeypatch.setenv("PLANLIB_CANARY", address)
    with pytest.raises(InputError, match="check the address in PLANLIB_CANARY") as caught:
        read_database(Source(url="env:PLANLIB_CANARY", query=ACCOUNTS, table="accounts"))
    assert CANARY not in str(caught.value)
    assert caught.value.__suppress_context__


def test_no_setting_but_a_reference_takes_an_address() -> None:
    """Only ``url`` names a connection, and it refuses anything but env:NAME."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "planlib").rglob("*.py")]
    made = [text for text in texts if re.search(r"\bcreate_engine\(", text)]
    assert len(made) == 1
    assert "os.environ.get(variable" in made[0]


def test_templates_and_samples_hold_no_address_with_a_password() -> None:
    """Nothing that is shipped shows a person how to write one down."""
    pattern = re.compile(rb"[a-z0-9+]+://[^/\s:@'\"]+:[^/\s:@'\"]+@")
    found = [
        path.name
        for path in resources.templates_dir().rglob("*")
        if path.is_file() and pattern.search(path.read_bytes())
    ]
    assert found == []
    assert pattern.search(b"postgresql://me:secret@host/db")
