"""Segmentation: who the market is, who serves it, what each account can spend and needs."""

from planlib.segmentation.compute import segment_accounts
from planlib.segmentation.result import Segmentation
from planlib.segmentation.whatif import compare_settings

__all__ = ["Segmentation", "compare_settings", "segment_accounts"]
