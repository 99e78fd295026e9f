"""
What the feed says about outcomes. Ids only.

| type | facts | when |
|---|---|---|
| ``diary.added`` | ``entry``, ``day`` | somebody wrote how a day was |
| ``response.added`` | ``response``, ``instrument`` | a questionnaire was answered |
"""

from __future__ import annotations

DIARY = "diary.added"
RESPONSE = "response.added"
