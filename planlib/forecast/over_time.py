"""How far off forecasts of past periods were, period by period."""

from __future__ import annotations

import pandas as pd

from planlib.pipeline.cuts import TOTAL

#: Methods that stand beside the one in use.
BESIDE = ("stage_weighted", "calls")


def errors_over_time(
    forecast_backtest: pd.DataFrame, forecast_methods: pd.DataFrame
) -> pd.DataFrame:
    """
    Give error and bias of the total in each past period: method in use, CRM weights, calls.

    Parameters
    ----------
    forecast_backtest
        Table ``forecast_backtest``: one row per method, period and week.
    forecast_methods
        Table ``forecast_methods``, for the method in use.

    Returns
    -------
    DataFrame
        ``method``, ``period`` (first one first), ``weeks_count``, ``mae_share`` (mean of the
        weeks' absolute errors / final amount) and ``bias_share`` (mean of the errors, above zero:
        too high).
    """
    used = forecast_methods.loc[
        forecast_methods["is_chosen"].fillna(False).astype(bool), "method"
    ].to_list()
    names = list(dict.fromkeys([*used, *BESIDE]))
    rows = forecast_backtest[
        (forecast_backtest["cut"] == TOTAL)
        & forecast_backtest["method"].isin(names)
        & forecast_backtest["error_share"].notna()
    ]
    rows = rows.assign(
        absolute=rows["error_share"].abs(),
        method=pd.Categorical(rows["method"].astype("str"), categories=names),
    )
    grouped = rows.groupby(["method", "period"], observed=True)
    found = grouped.agg(
        weeks_count=("error_share", "size"),
        mae_share=("absolute", "mean"),
        bias_share=("error_share", "mean"),
    ).reset_index()
    return found.assign(method=found["method"].astype("str"), period=found["period"].astype("str"))
