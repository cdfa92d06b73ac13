"""
Planning cycles by Airflow 3; copy it into the folder of DAGs.

``weekly_plan`` is what we recommend: one task that runs ``planlib run``, which knows the order of
the notebooks, runs them side by side, skips what has not changed, resumes and publishes whole.

``pipeline_notebook`` shows the papermill operator on a single notebook. Its tables go to the
draft of the cycle, beside what is published, until somebody runs ``planlib publish``.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

PLANLIB = "/opt/planlib/bin/planlib"
WORKBOOK = "/srv/plans/acme"
NOTEBOOKS = "/opt/planlib/notebooks"
#: The ISO week in which the data interval begins, such as 2026W12: the same when run again.
WEEK = "{{ data_interval_start.strftime('%GW%V') }}"
MAIL = {"email": ["planning@example.com"], "email_on_failure": True}

with DAG(
    "weekly_plan",
    schedule="0 5 * * 1",
    start_date=datetime(2026, 1, 5),
    catchup=False,
    max_active_runs=1,
    default_args={**MAIL, "retries": 2, "retry_delay": timedelta(minutes=10)},
    doc_md=__doc__,
) as weekly_plan:
    # A retry resumes what failed. Where another run holds the cycle (5) the task is skipped, which
    # 99 tells Airflow; bad input (2) and limits that conflict (3) need a person, and fail again.
    BashOperator(
        task_id="run_cycle",
        bash_command=(
            f"{PLANLIB} run {WORKBOOK} --cycle {WEEK} || "
            "{ code=$?; [ $code -eq 5 ] && exit 99; exit $code; }"
        ),
        skip_on_exit_code=99,
        append_env=True,
        execution_timeout=timedelta(hours=2),
    )

with DAG(
    "pipeline_notebook",
    schedule=None,
    start_date=datetime(2026, 1, 5),
    catchup=False,
    max_active_runs=1,
    default_args=MAIL,
) as pipeline_notebook:
    notebook = PapermillOperator(
        task_id="pipeline",
        input_nb=f"{NOTEBOOKS}/06_pipeline.ipynb",
        output_nb="/srv/plans/out/06_pipeline-{{ ds }}.ipynb",
        parameters={"workbook": WORKBOOK, "cycle": "2026Q1", "minimum_deals": 8},
        kernel_name="python3",
        language_name="python",
    )
    publish = BashOperator(
        task_id="publish",
        bash_command=f"{PLANLIB} publish {WORKBOOK} --cycle 2026Q1",
        append_env=True,
    )
    notebook >> publish
