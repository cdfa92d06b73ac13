"""Solvers that are compared, all called as ``solve(instance, limit, **options)``."""

from __future__ import annotations

#: Where each solver is; loaded only in the process that measures it. highspy is never loaded: it
#: and ortools cannot live in one process. HiGHS comes with scipy.
SOLVERS = {
    "planlib": "benchmarks.peers.ours:assign",
    "planlib overrides": "benchmarks.peers.ours:overrides",
    "planlib cascade": "benchmarks.peers.ours:cascade",
    "planlib seats": "benchmarks.peers.ours:seats",
    "planlib districts": "benchmarks.peers.ours:districts",
    "greedy": "benchmarks.peers.greedy:solve",
    "cp-sat": "benchmarks.peers.exact:cp_sat",
    "mathopt": "benchmarks.peers.exact:mathopt",
    "highs": "benchmarks.peers.exact:highs",
    "highs lp": "benchmarks.peers.exact:highs_lp",
    "seats model": "benchmarks.peers.exact_seats:highs",
    "kmeans": "",
    "spopt": "",
    "gerrychain": "",
}

#: Peers with packages of their own, and these packages.
ENVIRONMENTS = {
    "kmeans": ["k-means-constrained==0.9.1", "numpy<2.5"],
    "spopt": ["spopt==0.7.0", "numpy<2.5"],
    "gerrychain": ["gerrychain==1.0.0", "numpy<2.5"],
    "polars": ["polars==2.1.0"],
}
