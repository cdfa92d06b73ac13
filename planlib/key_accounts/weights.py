"""Weights of the factors: as given in plan.yaml, or from pairwise judgements (AHP)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from planlib.key_accounts.findings import finding
from planlib.settings.key_accounts import FACTORS, KeyAccountsSettings
from planlib.tables import table

#: Mean consistency index of random judgements by number of factors (Saaty 1980).
RANDOM_INDEX = {3: 0.58, 4: 0.90}
_TOLERANCE = 1e-9
_CHECK = "weights"


@dataclass(frozen=True, kw_only=True)
class FactorWeights:
    """
    Weights of the factors and how they came about.

    ``shares`` sum to 1; ``weights`` and ``judgements`` are tables that step 05 writes;
    ``consistency_ratio`` is None without judgements that could contradict each other.
    """

    shares: dict[str, float]
    weights: pd.DataFrame
    judgements: pd.DataFrame
    consistency_ratio: float | None
    findings: tuple[pd.DataFrame, ...]


def factor_weights(settings: KeyAccountsSettings) -> FactorWeights:
    """
    Give the weights of the four factors.

    With ``weight_source`` "judgements" they are the principal eigenvector of the matrix of
    pairwise judgements, or the geometric means of its rows (Saaty 1980). Where judgements are
    missing, the eigenvector is that of Harker (1987), and the geometric means become the least
    squares of the logarithms. Where the judgements do not connect all factors, the weights of
    plan.yaml count and a finding says so.

    Consistency ratio = ((largest eigenvalue - n) / (n - 1)) / random index; the random index is
    lowered for m missing judgements by the factor 1 - 2 m / ((n - 1)(n - 2)) (Agoston, Csato 2022).
    """
    given = settings.shares()
    findings = _sum_findings(settings)
    logs, mine = _combined(settings)
    findings += mine
    used = settings.weight_source == "judgements"
    derived = None if np.isnan(logs).all() else _derive(logs, settings.judgement_method)
    if used and derived is None:
        findings.append(_disconnected(logs))
    ratio = None if derived is None else _consistency(logs, derived)
    if derived is not None:
        findings += _contradictions(logs, derived, ratio, settings)
    by_judgement = used and derived is not None
    shares = dict(zip(FACTORS, derived, strict=True)) if by_judgement else given  # type: ignore[arg-type]
    frame = pd.DataFrame(
        {
            "factor": list(FACTORS),
            "weight": [float(shares[name]) for name in FACTORS],
            "plan_weight": [given[name] for name in FACTORS],
            "judged_weight": np.nan if derived is None else derived,
            "origin": "judgements" if by_judgement else "plan.yaml",
            "consistency_ratio": np.nan if ratio is None else ratio,
            "judged_count": int(np.isfinite(logs).sum() // 2),
        }
    )
    return FactorWeights(
        shares={str(name): float(share) for name, share in shares.items()},
        weights=table("key_account_weights").check(frame),
        judgements=table("key_account_judgements").check(_judgements(logs, derived)),
        consistency_ratio=ratio,
        findings=tuple(findings),
    )


def _sum_findings(settings: KeyAccountsSettings) -> list[pd.DataFrame]:
    total = sum(settings.weights.values())
    if abs(total - 1) < 1e-6:
        return []
    return [
        finding(
            _CHECK,
            "plan.yaml",
            "key_accounts.weights",
            "weights",
            f"sum {total:g}",
            allowed="a sum of 1",
            effect="rescaled: each weight is divided by the sum",
        )
    ]


def _combined(settings: KeyAccountsSettings) -> tuple[np.ndarray, list[pd.DataFrame]]:
    """Give the mean logarithm of the judgements of each pair, NaN where there is none."""
    said: dict[tuple[int, int], list[tuple[str, float]]] = {}
    for one in settings.judgements:
        pair = (FACTORS.index(one.factor), FACTORS.index(one.over))
        sign = 1.0 if pair[0] < pair[1] else -1.0
        said.setdefault((min(pair), max(pair)), []).append((one.who, sign * np.log(one.times)))
    logs = np.full((len(FACTORS), len(FACTORS)), np.nan)
    findings = []
    for (first, second), answers in sorted(said.items()):
        mean = float(np.mean([value for _, value in answers]))
        logs[first, second], logs[second, first] = mean, -mean
        for who in sorted({name for name, _ in answers}):
            own = [value for name, value in answers if name == who]
            if max(own) - min(own) > _TOLERANCE:
                findings.append(
                    finding(
                        _CHECK,
                        "plan.yaml",
                        f"{FACTORS[first]} over {FACTORS[second]}",
                        "judgements",
                        ", ".join(f"{np.exp(value):.3g}" for value in sorted(own)),
                        allowed="one answer of a person for a pair",
                        effect="their geometric mean counts",
                    )
                )
    return logs, findings


def _derive(logs: np.ndarray, method: str) -> np.ndarray | None:
    """Give weights that sum to 1, or None where the judgements do not connect all factors."""
    known = np.isfinite(logs)
    reach = np.linalg.matrix_power((known | np.eye(len(logs), dtype=bool)).astype("int64"), 4)
    if (reach == 0).any():
        return None
    if method == "geometric_mean":
        rows = [(i, j) for i, j in combinations(range(len(logs)), 2) if known[i, j]]
        design = np.zeros((len(rows) + 1, len(logs)))
        for place, (i, j) in enumerate(rows):
            design[place, i], design[place, j] = 1.0, -1.0
        design[-1] = 1.0  # the logarithms sum to 0
        right = np.r_[[logs[pair] for pair in rows], 0.0]
        weights = np.exp(np.linalg.lstsq(design, right, rcond=None)[0])
    else:
        matrix = np.where(known, np.exp(np.nan_to_num(logs)), 0.0)
        missing = (~known).sum(axis=1) - 1  # the diagonal is no judgement
        matrix = matrix + np.diag(1.0 + missing)
        values, vectors = np.linalg.eig(matrix)
        weights = np.abs(np.real(vectors[:, int(np.argmax(np.real(values)))]))
    return np.asarray(weights / weights.sum(), dtype="float64")


def _consistency(logs: np.ndarray, weights: np.ndarray) -> float | None:
    """Give the consistency ratio; missing judgements count as what the weights imply."""
    size = len(weights)
    missing = int((~np.isfinite(logs)).sum() - size) // 2
    random = RANDOM_INDEX[size] * (1 - 2 * missing / ((size - 1) * (size - 2)))
    if random <= _TOLERANCE:
        return None
    matrix = np.where(
        np.isfinite(logs), np.exp(np.nan_to_num(logs)), np.divide.outer(weights, weights)
    )
    largest = float(np.mean(matrix @ weights / weights))
    return max(0.0, (largest - size) / (size - 1) / random)


def _disconnected(logs: np.ndarray) -> pd.DataFrame:
    alone = [
        name for name, known in zip(FACTORS, np.isfinite(logs), strict=True) if not known.any()
    ]
    return finding(
        _CHECK,
        "plan.yaml",
        "key_accounts.judgements",
        "judgements",
        f"not compared with the others: {', '.join(alone) or 'two pairs stand apart'}",
        allowed="judgements that connect all four factors, three at least",
        effect="the weights of plan.yaml count",
    )


def _contradictions(
    logs: np.ndarray, weights: np.ndarray, ratio: float | None, settings: KeyAccountsSettings
) -> list[pd.DataFrame]:
    """Name missing judgements, circles of judgements, and the one that fits least."""
    found = []
    pairs = list(combinations(range(len(FACTORS)), 2))
    missing = [f"{FACTORS[i]} over {FACTORS[j]}" for i, j in pairs if np.isnan(logs[i, j])]
    if missing:
        found.append(
            finding(
                _CHECK,
                "plan.yaml",
                "key_accounts.judgements",
                "judgements",
                f"not judged: {', '.join(missing)}",
                allowed=f"{len(pairs)} pairs",
                effect="what the other judgements imply stands in",
            )
        )
    for trio in combinations(range(len(FACTORS)), 3):
        for a, b, c in (trio, trio[::-1]):
            if logs[a, b] > _TOLERANCE and logs[b, c] > _TOLERANCE and logs[c, a] > _TOLERANCE:
                names = " > ".join(FACTORS[place] for place in (a, b, c, a))
                found.append(
                    finding(
                        _CHECK,
                        "plan.yaml",
                        "key_accounts.judgements",
                        "judgements",
                        names,
                        allowed="no circle: what is above the second is above the third",
                        effect="all judgements count; the consistency ratio shows the damage",
                    )
                )
    if ratio is not None and ratio > settings.most_inconsistency:
        misfit = np.abs(logs - np.log(np.divide.outer(weights, weights)))
        i, j = min(pairs, key=lambda pair: (-np.nan_to_num(misfit[pair], nan=-1.0), pair))
        found.append(
            finding(
                _CHECK,
                "plan.yaml",
                f"{FACTORS[i]} over {FACTORS[j]}",
                "judgements",
                f"consistency ratio {ratio:.2f}; judged {np.exp(logs[i, j]):.2g}, the others imply "
                f"{weights[i] / weights[j]:.2g}",
                allowed=f"a ratio of at most {settings.most_inconsistency:g}",
                effect="the weights are used; judge this pair again first",
            )
        )
    return found


def _judgements(logs: np.ndarray, weights: np.ndarray | None) -> pd.DataFrame:
    rows = []
    for i, j in combinations(range(len(FACTORS)), 2):
        implied = np.nan if weights is None else weights[i] / weights[j]
        rows.append((FACTORS[i], FACTORS[j], float(np.exp(logs[i, j])), implied))
    frame = pd.DataFrame(rows, columns=["factor", "over_factor", "times", "implied_times"])
    ratio = np.maximum(
        frame["times"] / frame["implied_times"], frame["implied_times"] / frame["times"]
    )
    return (
        frame.assign(misfit=ratio) if np.isfinite(logs).any() else frame.iloc[:0].assign(misfit=0.0)
    )
