"""English from names and descriptions, for tools that bring no phrases of their own.

name_words("getWeatherByCity")                      # "get weather by city"
clauses("get_weather", "Gets the weather of a city. Needs a key.")
# ["get the weather of a city", "get weather"]: imperatives, the fuller one first
content("fetch_weather", "Retrieves the weather")   # {"get", "weather"}: what tells tools apart
"""

from __future__ import annotations

import re

# Verbs with which tools' names and descriptions begin. Where tools are compared, a line's first stands for it.
_VERB_LINES = """
get fetch retrieve show list find search look lookup query read check view return obtain access browse display provide
create add make insert generate build new register
delete remove erase drop clear
update edit modify change set adjust replace
send email post message notify publish share submit
calculate compute determine work evaluate estimate count sum measure
convert translate transform turn switch parse format encode decode
book reserve order buy purchase pay rent
start run launch execute begin open call invoke trigger resume
stop end halt close cancel abort pause
play stream; plan schedule arrange; save store write upload import record log; load download export
compare; sort rank; filter; merge combine join; split divide; analyse analyze inspect detect identify
recognise recognize classify predict; recommend suggest; summarise summarize extract; validate verify confirm; allow
enable activate disable deactivate block; connect disconnect; copy move rename; track monitor watch follow;
subscribe unsubscribe invite assign; answer ask; rate review; draw plot render; round; multiply; subtract; solve;
roll; flip; pick select choose; print; resize crop rotate compress; encrypt decrypt hash; lock unlock; increase
decrease raise lower; apply use do; dim; mute; remind; transfer withdraw deposit; sign log; test; perform; simulate;
request; take; give; tell; say; put; reset restart reboot; deploy; install uninstall; approve reject; archive;
attach; authenticate; backup restore
"""
GROUPS = [line.split() for line in _VERB_LINES.strip().split("\n")[:12]]
VERBS = frozenset(_VERB_LINES.replace(";", " ").split()) - {"new"}
_SAME = {verb: group[0] for group in reversed(GROUPS) for verb in group}
_SPOKEN = {"return": "get", "obtain": "get"}  # what tools say of themselves, and people do not
_SHORT = frozenset(
    ("id", "ip", "to", "on", "at", "by", "in", "up", "tv", "no")
)  # names that are words
_FILLERS = frozenset((
    "a", "an", "the", "of", "for", "from", "to", "in", "at", "by", "with", "and", "or", "this", "that", "these",
    "those", "it", "its", "is", "are", "be", "can", "will", "all", "any", "some", "given", "specified", "based",
    "using", "via", "your", "you", "user", "users", "tool", "function", "api", "data", "information", "details",
    "info", "into", "as", "which", "when", "use", "used", "allows", "return", "returns", "provided",
))  # fmt: skip

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ABOUT_ITSELF = re.compile(
    r"^(?:(?:this|the|an?)\s+)?(?:\w+\s+)?(?:function|tool|api|method|endpoint|utility|service|operation|command)\s+"
    r"(?:call\s+)?(?:(?:is|are|can be|will be)\s+)?(?:(?:used|useful|designed|meant|able|intended)\s+)?"
    r"(?:(?:allows?|lets?|enables?|helps?)\s+(?:you|users?|one)\s+)?(?:to|for|that|which|will|can)?\s*",
    re.I,
)
_USE_THIS = re.compile(
    r"^(?:use (?:this|it)(?: tool| function)?|useful|used|allows?(?: you| users?)?|lets you|helps?(?: you)?) "
    r"(?:to|for|when you (?:need|want) to)?\s*",
    re.I,
)
_TAIL = re.compile(
    r"(?:;|:| - | — |, (?:which|returning|including|such|and returns?)| which | that | and returns? | based on "
    r"| given | by (?:specifying|providing|passing)| using | including | such as | so that | if | when ).*",
    re.S,
)
LONGEST = 14  # words of a clause; a longer one is cut, or the tool's name stands in


def name_words(name: str) -> str:
    """A name as words in lower case: `getUserID` -> `get user id`. A name without a word stays as it is."""
    words = re.split(r"[\W_]+", _CAMEL.sub(" ", name).strip())
    return " ".join(word.lower() for word in words if word) or name


def clauses(name: str, description: str) -> list[str]:
    """What the tool does as imperatives in lower case, one or two: from its description, and from its name."""
    named = name_words(name)
    if base_verb((last := name_words(name.rpartition(".")[2])).partition(" ")[0]):
        named = last  # `Hotels.SearchHotel`: what stands before the dot is where it belongs
    first, _, rest = named.partition(" ")
    verb = base_verb(first)
    named = f"{_SPOKEN.get(verb, verb)} {rest}".strip() if verb else f"use {named}"
    described = _described(description)
    return list(dict.fromkeys(clause for clause in (described, _clean(named)) if clause))


def base_verb(word: str) -> str | None:
    """`gets`, `getting` -> `get`; None for what is no verb of the table."""
    word = word.lower()
    forms = [word, word.removesuffix("s"), word.removesuffix("es")]
    if word.endswith("ies"):
        forms.append(word.removesuffix("ies") + "y")
    if word.endswith("ing"):
        stem = word.removesuffix("ing")
        forms += [stem, f"{stem}e", stem[:-1]]
    return next((form for form in forms if form in VERBS), None)


def content(name: str, description: str) -> frozenset[str]:
    """The words that say what a tool does, roughly: verbs that mean much the same are one."""
    words = f"{name_words(name)} {first_sentence(description).lower()}"
    bare = (re.sub(r"\W", "", word) for word in words.split())
    return frozenset(_root(word) for word in bare if word and word not in _FILLERS)


def topic(name: str) -> frozenset[str]:
    """What a tool's name is about: `get_order_details_by_id` -> {"order"}."""
    words = name_words(name).partition(" by ")[0].split()
    return frozenset(_root(word) for word in words if word not in _FILLERS and not base_verb(word))


def called(name: str, description: str) -> str:
    """How a request calls a parameter: by its name's words, or by the description's where the name is too short."""
    words = name_words(name)
    if len(words) > 2 or words in _SHORT:
        return words
    said = [
        word
        for word in re.findall(r"[^\W\d_]+", first_sentence(description).lower())
        if word not in _FILLERS
    ]
    return " ".join(said[:3]) if len(said) > 1 else words


def first_sentence(text: str) -> str:
    """The first sentence, on one line and without what stands in brackets or is marked up."""
    flat = re.sub(r"\([^)]*\)|\[[^\]]*\]|https?://\S+", " ", text)
    flat = " ".join(re.sub(r"[`*{}<>\"“”#]", " ", flat.strip().split("\n")[0]).split())
    return re.split(r"[.!?](?:\s|$)", flat.replace("e.g.", "eg").replace("i.e.", "ie"))[0].strip()


def _described(description: str) -> str | None:
    sentence = first_sentence(description)
    for lead in (_ABOUT_ITSELF, _USE_THIS):
        sentence = lead.sub("", sentence, count=1)
    first, _, rest = sentence.partition(" ")
    verb = base_verb(first.strip(",:;"))
    if verb is None or not rest:
        return None
    clause = _clean(f"{_SPOKEN.get(verb, verb)} {rest}")
    short = clause if len(clause.split()) <= LONGEST else _clean(_TAIL.sub("", clause))
    return _same_form(short) if 2 <= len(short.split()) <= LONGEST else None


def _same_form(clause: str) -> str:
    """`add a and returns b` -> `add a and return b`."""
    words = clause.split()
    for place, word in enumerate(words[1:], 1):
        if words[place - 1] in ("and", "or") and word.endswith("s") and base_verb(word):
            words[place] = _SPOKEN.get(verb := str(base_verb(word)), verb)
    return " ".join(words)


def _clean(clause: str) -> str:
    return " ".join(clause.split()).strip(" .,:;!?-—")


def _root(word: str) -> str:
    verb = base_verb(word)
    if verb in _SAME:
        return _SAME[verb]
    return verb or (word.removesuffix("s") if len(word) > 3 else word)
