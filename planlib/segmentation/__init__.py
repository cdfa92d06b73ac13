"""Segmentation: who the market is, who serves it, what each account can spend and needs."""

from planlib.segmentation.compute import segment_accounts
from planlib.segmentation.result import Segmentation

__all__ = ["Segmentation", "segment_accounts"]
