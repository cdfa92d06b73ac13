"""Write the data samples: ``python -m data_samples.generator [software industrial tiny]``."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from data_samples.generator import INDUSTRIAL_SEED, SEED

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("software", "industrial", "tiny")


def write_sample(name: str, folder: Path, seed: int | None = None) -> None:
    """
    Write input files and past decisions of one sample.

    Parameters
    ----------
    name
        ``software``, ``industrial`` or ``tiny``.
    folder
        The workbook; its ``inputs/`` is filled.
    seed
        Seed of all draws; none: that of the committed sample.
    """
    from data_samples.generator import (
        account_spend,
        care,
        check_notes,
        diaries,
        industrial,
        planning,
        presales,
        sales_engineers,
        software,
        tiny,
        welcome,
    )

    if name == "industrial":
        chosen = INDUSTRIAL_SEED if seed is None else seed
        industrial.write_chinese_workbook(folder, chosen)
        care.add_care(folder, care.INDUSTRIAL, chosen)
        planning.add_planning(folder, planning.INDUSTRIAL)
        welcome.add_people(folder, welcome.INDUSTRIAL, chosen)
        check_notes.add_check_notes(folder, chosen)
        account_spend.add_account_spend(folder, chosen)
        presales.add_presales(folder, chosen)
        return
    chosen = SEED if seed is None else seed
    spec = software.Spec(seed=chosen) if name == "software" else tiny.tiny_spec(chosen)
    software.write_workbook(folder, spec)
    if name == "software":
        care.add_care(folder, care.SOFTWARE, chosen)
        sales_engineers.add_sales_engineers(folder, chosen)
        diaries.add_diaries(folder, chosen)
        planning.add_planning(folder, planning.SOFTWARE)
        welcome.add_people(folder, welcome.SOFTWARE, chosen)


def folder_of(name: str) -> Path:
    """Give the folder of a committed sample."""
    return ROOT / "tests" / "data" / "tiny" if name == "tiny" else ROOT / "data_samples" / name


def main() -> None:
    """Write the samples named on the command line, all by default."""
    parser = argparse.ArgumentParser(prog="python -m data_samples.generator")
    parser.add_argument("names", nargs="*", default=list(NAMES), help=", ".join(NAMES))
    parser.add_argument("--out", type=Path, help="folder to write to instead of the samples'")
    parser.add_argument("--seed", type=int, help="seed of all draws")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    unknown = set(chosen.names) - set(NAMES)
    if unknown:
        parser.error(f"no sample {sorted(unknown)}; samples are {', '.join(NAMES)}")
    for name in chosen.names:
        folder = chosen.out / name if chosen.out else folder_of(name)
        write_sample(name, folder, chosen.seed)
        logging.getLogger(__name__).info("wrote %s", folder)


if __name__ == "__main__":
    main()
