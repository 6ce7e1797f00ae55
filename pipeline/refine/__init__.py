"""Theme names refined by a language model that the user has, never without one being named."""

from pipeline.refine.evidence import Exemplar, NamedTheme, ThemeEvidence, gather_evidence
from pipeline.refine.names import Plan, Refined, plan_calls, refine_names
from pipeline.refine.store import AnswersInfo, AnswerStore
from pipeline.refine.summary import plan_summary, refined_summary

__all__ = [
    "AnswerStore",
    "AnswersInfo",
    "Exemplar",
    "NamedTheme",
    "Plan",
    "Refined",
    "ThemeEvidence",
    "gather_evidence",
    "plan_calls",
    "plan_summary",
    "refine_names",
    "refined_summary",
]
