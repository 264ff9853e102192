"""Hooks for Storeroom: script hooks, webhooks, and a log of what they did."""

from storeroom_hooks.kinds import HookKind, TriggerStatus
from storeroom_hooks.log import ExecutionLogRepository
from storeroom_hooks.masking import WebhookUrl
from storeroom_hooks.models import Execution, ScriptHook, Webhook
from storeroom_hooks.records import (
    ExecutionFilters,
    ExecutionRecord,
    HookFilters,
    Matching,
    RecordedCall,
    RecordedRun,
    ScriptHookRecord,
    WebhookRecord,
)
from storeroom_hooks.repository import HookRepository
from storeroom_hooks.scripts import ScriptHookRepository
from storeroom_hooks.webhooks import WebhookRepository

__all__ = [
    "Execution",
    "ExecutionFilters",
    "ExecutionLogRepository",
    "ExecutionRecord",
    "HookFilters",
    "HookKind",
    "HookRepository",
    "Matching",
    "RecordedCall",
    "RecordedRun",
    "ScriptHook",
    "ScriptHookRecord",
    "ScriptHookRepository",
    "TriggerStatus",
    "Webhook",
    "WebhookRecord",
    "WebhookRepository",
    "WebhookUrl",
]
