"""Past entries on the two lines of key accounts, for the folder overrides/ of the sample."""

from __future__ import annotations

import pandas as pd

from data_samples.generator.clock import dates, fresh

_HEAD = ("decision_id", "who", "when", "why", "effective_from", "effective_to", "supersedes")
_SAID = {
    "partner_coordination": ("与设计院联合推进重点项目，方案人员已到位", "渠道资源尚未落实"),
    "supervision": ("完成分公司行业销售季度检查并反馈建议", "本季度未安排检查"),
    "layout": ("区域大客户布局方案已评审通过", "布局方案待更新"),
}
_NEEDS, _CONFIRMED = 4, 2
Row = tuple[object, ...]


def enter_duties(seed: int, reps: pd.DataFrame, as_of: int) -> list[Row]:
    """Give entries of kind ``director_duties``: most done, some open, one director silent."""
    rng = fresh(seed, "chinese director duties")
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    head = str(reps.loc[reps["role"] == "head", "name"].iloc[0])
    directors = sorted(reps.loc[reps["role"] == "KA director", "rep_id"])
    rows: list[Row] = [(*_HEAD, "director_id", "duty", "is_done")]
    for director in directors[:-1]:
        for duty, (done, late) in _SAID.items():
            is_done = bool(rng.random() < 0.7)
            when = as_of - int(rng.integers(10, 120))
            day = f"{dates([when])[0]:%Y-%m-%d}"
            who = head if duty == "supervision" else names[director]
            number = f"D-{len(rows):04d}"
            why = done if is_done else late
            rows.append((number, who, day, why, day, "", "", director, duty, str(is_done).lower()))
    return rows


def confirm_needs(
    deals: pd.DataFrame, needs: pd.DataFrame, top: pd.DataFrame, reps: pd.DataFrame, as_of: int
) -> list[Row]:
    """Give entries of kind ``need_proposals``: two open deals confirmed, two rejected."""
    names = dict(zip(reps["rep_id"], reps["name"], strict=True))
    pending = deals[~deals["is_closed"].astype(bool) & deals["account_id"].isin(top["account_id"])]
    told = needs.loc[needs["status"] == "open", ["account_id", "product_id"]]
    known = pd.MultiIndex.from_frame(told)
    pending = pending[~pd.MultiIndex.from_frame(pending[["account_id", "product_id"]]).isin(known)]
    pending = pending[pending["close_date"] > dates([as_of])[0]]
    largest = pending.sort_values(["amount", "opportunity_id"], ascending=[False, True])
    rows: list[Row] = [(*_HEAD, "proposal_id", "is_confirmed", "horizon", "value", "likelihood",
                        "fit")]  # fmt: skip
    day = f"{dates([as_of - 9])[0]:%Y-%m-%d}"
    for place, deal in enumerate(largest.head(_NEEDS).itertuples()):
        sure = place < _CONFIRMED
        why = "客户已立项，方案交流中" if sure else "项目暂缓，一年内不启动"
        who = names.get(deal.owner_id, "营销总部")
        fit = 0.6 + 0.1 * place if sure else ""
        number, proposal = f"D-{place + 1:04d}", f"deal:{deal.opportunity_id}"
        head = (number, who, day, why, day, "", "")
        rows.append((*head, proposal, str(sure).lower(), "", "", "", fit))
    return rows
