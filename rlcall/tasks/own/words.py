"""English from names and descriptions, for tools that bring no phrases of their own.

name_words("getWeatherByCity")                      # "get weather by city"
clauses("get_weather", "Gets the weather of a city. Needs a key.")
# ["get the weather of a city", "get weather"]: imperatives, the fuller one first
content("fetch_weather", "Retrieves the weather")   # {"get", "weather"}: what tells tools apart
"""

from __future__ import annotations

import re

# Verbs with which the names and descriptions of tools begin. Where tools are compared, the first of
# a group is taken for each of them. The last two groups are of unlike verbs: they stay, since which
# tools share a world depends on them, and so do the rows of a seed.
_SYNONYMS = (
    "get fetch retrieve show list find search look lookup query read check view return obtain "
    "access browse display provide",
    "create add make insert generate build new register",
    "delete remove erase drop clear",
    "update edit modify change set adjust replace",
    "send email post message notify publish share submit",
    "calculate compute determine work evaluate estimate count sum measure",
    "convert translate transform turn switch parse format encode decode",
    "book reserve order buy purchase pay rent",
    "start run launch execute begin open call invoke trigger resume",
    "stop end halt close cancel abort pause",
    "play plan schedule save store write upload import record load download export",
    "sort merge combine split analyse analyze inspect detect identify",
)
_OTHER_VERBS = """
stream arrange log compare rank filter join divide recognise recognize classify predict recommend
suggest summarise summarize extract validate verify confirm allow enable activate disable
deactivate block connect disconnect copy move rename track monitor watch follow subscribe
unsubscribe invite assign answer ask rate review draw plot render round multiply subtract solve
roll flip pick select choose print resize crop rotate compress encrypt decrypt hash lock unlock
increase decrease raise lower apply use do dim mute remind transfer withdraw deposit sign test
perform simulate request take give tell say put reset restart reboot deploy install uninstall
approve reject archive attach authenticate backup restore
"""
_FIRST_SYNONYM: dict[str, str] = {}
for _group in _SYNONYMS:
    for _verb in _group.split():
        _FIRST_SYNONYM.setdefault(_verb, _group.split()[0])
VERBS = frozenset([*_FIRST_SYNONYM, *_OTHER_VERBS.split()]) - {"new"}
_SPOKEN = {"return": "get", "obtain": "get"}  # what tools say of themselves, and people do not
_SHORT_WORDS = frozenset(("id", "ip", "to", "on", "at", "by", "in", "up", "tv", "no"))
_FILLERS = frozenset((
    "a", "an", "the", "of", "for", "from", "to", "in", "at", "by", "with", "and", "or", "this",
    "that", "these", "those", "it", "its", "is", "are", "be", "can", "will", "all", "any", "some",
    "given", "specified", "based", "using", "via", "your", "you", "user", "users", "tool",
    "function", "api", "data", "information", "details", "info", "into", "as", "which", "when",
    "use", "used", "allows", "return", "returns", "provided",
))  # fmt: skip

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ABOUT_ITSELF = re.compile(
    r"^(?:(?:this|the|an?)\s+)?(?:\w+\s+)?"
    r"(?:function|tool|api|method|endpoint|utility|service|operation|command)\s+"
    r"(?:call\s+)?(?:(?:is|are|can be|will be)\s+)?"
    r"(?:(?:used|useful|designed|meant|able|intended)\s+)?"
    r"(?:(?:allows?|lets?|enables?|helps?)\s+(?:you|users?|one)\s+)?"
    r"(?:to|for|that|which|will|can)?\s*",
    re.I,
)
_USE_THIS = re.compile(
    r"^(?:use (?:this|it)(?: tool| function)?|useful|used|allows?(?: you| users?)?|lets you"
    r"|helps?(?: you)?) "
    r"(?:to|for|when you (?:need|want) to)?\s*",
    re.I,
)
_TAIL = re.compile(
    r"(?:;|:| - | — |, (?:which|returning|including|such|and returns?)| which | that "
    r"| and returns? | based on | given | by (?:specifying|providing|passing)| using | including "
    r"| such as | so that | if | when ).*",
    re.S,
)
LONGEST = 14  # words of a clause; a longer one is cut, or the tool's name used


def name_words(name: str) -> str:
    """Write a name as words in lower case: `getUserID` -> `get user id`.

    A name without a word stays as it is.
    """
    words = re.split(r"[\W_]+", _CAMEL.sub(" ", name).strip())
    return " ".join(word.lower() for word in words if word) or name


def clauses(name: str, description: str) -> list[str]:
    """Say in imperatives what a tool does: from its description, if that helps, and its name."""
    from_name = name_words(name)
    member = name_words(name.rpartition(".")[2])
    if base_verb(member.partition(" ")[0]):
        from_name = member  # `Hotels.SearchHotel`: the part before the dot is its group
    first, _, rest = from_name.partition(" ")
    verb = base_verb(first)
    from_name = f"{_SPOKEN.get(verb, verb)} {rest}".strip() if verb else f"use {from_name}"
    candidates = dict.fromkeys((_described(description), _clean(from_name)))
    return [clause for clause in candidates if clause]


def base_verb(word: str) -> str | None:
    """Find a verb's base: `gets`, `getting` -> `get`; None for any word that is not in the
    table."""
    word = word.lower()
    forms = [word, word.removesuffix("s"), word.removesuffix("es")]
    if word.endswith("ies"):
        forms.append(word.removesuffix("ies") + "y")
    if word.endswith("ing"):
        stem = word.removesuffix("ing")
        forms += [stem, f"{stem}e", stem[:-1]]
    return next((form for form in forms if form in VERBS), None)


def content(name: str, description: str) -> frozenset[str]:
    """Return the words that say what a tool does: verbs that mean much the same are one."""
    text = f"{name_words(name)} {first_sentence(description).lower()}"
    words = set()
    for word in text.split():
        bare = re.sub(r"\W", "", word)
        if bare and bare not in _FILLERS:
            words.add(_root(bare))
    return frozenset(words)


def topic(name: str) -> frozenset[str]:
    """Return what a tool's name is about: `get_order_details_by_id` -> {"order"}."""
    nouns = set()
    for word in name_words(name).partition(" by ")[0].split():
        if word not in _FILLERS and not base_verb(word):
            nouns.add(_root(word))
    return frozenset(nouns)


def parameter_words(name: str, description: str) -> str:
    """Say how a request calls a parameter: by its name, or its description where that is short."""
    words = name_words(name)
    if len(words) > 2 or words in _SHORT_WORDS:
        return words
    described = re.findall(r"[^\W\d_]+", first_sentence(description).lower())
    telling = [word for word in described if word not in _FILLERS]
    return " ".join(telling[:3]) if len(telling) > 1 else words


def first_sentence(text: str) -> str:
    """Return the first sentence on one line, without what is in brackets or marked up."""
    flat = re.sub(r"\([^)]*\)|\[[^\]]*\]|https?://\S+", " ", text)
    first_line = flat.strip().split("\n")[0]
    flat = " ".join(re.sub(r"[`*{}<>\"“”#]", " ", first_line).split())
    flat = flat.replace("e.g.", "eg").replace("i.e.", "ie")
    return re.split(r"[.!?](?:\s|$)", flat)[0].strip()


def _described(description: str) -> str | None:
    """Say in an imperative what a description says; None where it does not begin with a verb."""
    sentence = first_sentence(description)
    for lead in (_ABOUT_ITSELF, _USE_THIS):
        sentence = lead.sub("", sentence, count=1)
    first, _, rest = sentence.partition(" ")
    verb = base_verb(first.strip(",:;"))
    if verb is None or not rest:
        return None
    clause = _clean(f"{_SPOKEN.get(verb, verb)} {rest}")
    if len(clause.split()) > LONGEST:
        clause = _clean(_TAIL.sub("", clause))
    return _same_form(clause) if 2 <= len(clause.split()) <= LONGEST else None


def _same_form(clause: str) -> str:
    """Put further verbs into the imperative: `add a and returns b` -> `add a and get b`."""
    words = clause.split()
    for index, word in enumerate(words[1:], 1):
        if words[index - 1] in ("and", "or") and word.endswith("s"):
            verb = base_verb(word)
            words[index] = _SPOKEN.get(verb, verb) if verb else word
    return " ".join(words)


def _clean(clause: str) -> str:
    return " ".join(clause.split()).strip(" .,:;!?-—")


def _root(word: str) -> str:
    verb = base_verb(word)
    if verb:
        return _FIRST_SYNONYM.get(verb, verb)
    return word.removesuffix("s") if len(word) > 3 else word
