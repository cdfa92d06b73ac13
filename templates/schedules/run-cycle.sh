#!/bin/sh
# Run one cycle of one workbook for a scheduler: never two at a time, everything into a log,
# and words on the standard error only when something has to be done (cron mails those).
#
#   run-cycle.sh WORKBOOK CYCLE [options of planlib run]
#   run-cycle.sh /srv/plans/acme week
#
# PLANLIB        the command, where it is not on the path: /opt/planlib/bin/planlib
# PLANLIB_LOGS   folder of the logs; else WORKBOOK/logs
#
# Ends with the exit code of planlib, but with 0 where another run holds the workbook: that is
# no failure, the next time is soon enough.
set -u
if [ $# -lt 2 ]; then
    echo "usage: run-cycle.sh WORKBOOK CYCLE [options of planlib run]" >&2
    exit 2
fi
workbook=$1
cycle=$2
shift 2
if [ ! -f "$workbook/plan.yaml" ]; then
    echo "there is no workbook '$workbook' (a folder with plan.yaml)" >&2
    exit 2
fi
logs=${PLANLIB_LOGS:-$workbook/logs}
mkdir -p "$logs" || exit 4
log=$logs/$(date +%Y-%m-%d)-$cycle.log

# Runs of different cycles of a workbook would not harm each other; they would share one machine.
exec 9>"$logs/.lock"
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    echo "$(date +%H:%M:%S) another run of this workbook is under way; nothing was run" >>"$log"
    exit 0
fi

"${PLANLIB:-planlib}" run "$workbook" --cycle "$cycle" "$@" >>"$log" 2>&1 9>&-
code=$?
echo "$(date +%H:%M:%S) planlib ended with $code" >>"$log"
case $code in
0) exit 0 ;;
5) exit 0 ;; # another run holds the cycle
esac
echo "planlib run $workbook --cycle $cycle ended with $code; the end of $log:" >&2
tail -n 30 "$log" >&2
exit "$code"
