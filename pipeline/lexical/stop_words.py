"""Words that a search leaves out: those of grammar alone.

Far fewer than those that no name may end with (`phrases.STOP_WORDS`): `use`, `new` and `several`
find papers by their titles, and by rarity they weigh little anyway.
"""

from __future__ import annotations

_LISTED = """
    a about above after again against all am an and any are as at be because been before being
    below between both but by can could did do does doing down during each few for from further
    had has have having he her here hers him his how i if in into is it its itself just me more
    most my no nor not now of off on once only or other our ours out over own same she should so
    some such than that the their theirs them then there these they this those through to too
    under until up very was we were what when where which while who whom why will with within
    without would you your
    """
STOP_WORDS = frozenset(_LISTED.split())
