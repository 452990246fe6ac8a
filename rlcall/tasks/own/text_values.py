"""Texts that a parameter is likely to hold, by the words of its name and description: a data table.

    text_source(["departure", "city"], "Where it begins.").draw(draw)   # "Lima"

Texts are said as the call has them, so that nobody has to guess a notation; those of several words
are put in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from rlcall.tasks.draw import Draw, Pool
from rlcall.tasks.kinds import Kind
from rlcall.tasks.shared_kinds import CITY, COUNTRY, DATE, EMAIL, LANGUAGE, PERSON, PHONE, TIME

DrawText = Callable[[Draw], str]


class TextSource(NamedTuple):
    """A drawer of texts. A request quotes those whose words could be taken for its own."""

    draw: DrawText
    quoted: bool = False


def moment(draw: Draw, form: str) -> str:
    """Draw a day and a time of this split, and write them in a notation of `strftime`."""
    day, time = DATE.draw(draw).value, TIME.draw(draw).value
    return datetime.fromisoformat(f"{day}T{time}:00").strftime(form)


def _pool(entries: str) -> DrawText:
    pool = Pool(entries, shared=True)
    return lambda draw: str(draw.of(pool))


def _value(kind: Kind) -> DrawText:
    return lambda draw: str(kind.draw(draw).value)


def _code(prefix: str, digits: int) -> DrawText:
    low, high = 10 ** (digits - 1), 10**digits - 1
    return lambda draw: f"{prefix}{draw.between(low, high)}"


def _address_of_a_host(draw: Draw) -> str:
    return f"10.{draw.between(0, 255)}.{draw.between(0, 255)}.{draw.between(1, 254)}"


def _handle(draw: Draw) -> str:
    return f"{draw.of(_HANDLES)}{draw.between(10, 99)}"


_GENERAL = _pool(
    """amber harbor; silent river; blue lantern; north garden; maple street; golden hour; winter
    market; open window; paper boat; green valley; quiet morning; silver bridge; red balloon; summer
    rain; old lighthouse; wild clover; night train; copper kettle; sunny meadow; stone archway; tall
    pines; morning coffee; spare keys; little island; bright comet; evening walk; wooden ladder;
    hidden path; velvet curtain; frozen lake"""
)
_NAMES = _pool(
    """Aurora; Falcon; Juniper; Meridian; Nimbus; Orchid; Pioneer; Quartz; Redwood; Solstice;
    Tundra; Umbra; Vertex; Willow; Zephyr; Beacon; Cascade; Driftwood; Ember; Foxglove; Granite;
    Harvest; Indigo; Jasper; Keystone"""
)
_SENTENCES = _pool(
    """The parcel will arrive on Monday; Please bring the signed forms; We meet at the north
    entrance; Thank you for the quick answer; The train is running late; Do not forget the keys;
    Dinner is ready at eight; The heating works again; I enjoyed the concert very much; Our office
    moves next month; The report needs one more chart; Rain is expected all weekend; Both samples
    passed the test; The new colour looks great; Nobody answered the door; The cake turned out well;
    Your order has been packed; Everyone liked the second draft; The battery lasts two days; Call me
    when you land; The garden needs some water; This product broke after a week; The view from here
    is wonderful; All seats are taken; She painted the fence herself"""
)
_SUBJECTS = _pool(
    """renewable energy; jazz history; sourdough baking; coral reefs; chess openings; electric cars;
    medieval castles; home insulation; marathon training; black holes; urban gardening; silent
    films; sleep hygiene; tea ceremonies; glacier hikes; string theory; folk dances; honey bees;
    paper recycling; night photography; wind turbines; street food; opera singers; polar bears;
    solar panels"""
)
_TITLES = _pool(
    """Budget Review; Autumn Letters; Team Lunch; The Glass Orchard; Project Kickoff; Quarterly
    Numbers; A Map of Rivers; Dentist Visit; Night Over Harbor; Release Planning; The Last Ferry;
    Garden Party; Design Workshop; Paper Lanterns; Book Club; Safety Training; The Clockmaker;
    Farewell Drinks; Northern Roads; Budget Forecast; Moving Day; The Salt Road; Product Demo;
    Winter Concert; Reading Group"""
)
_PRODUCTS = _pool(
    """desk lamp; running shoes; coffee grinder; yoga mat; rain jacket; bluetooth speaker; office
    chair; water bottle; camping tent; electric kettle; wool scarf; backpack; standing desk; bread
    knife; garden hose; travel pillow; wall clock; toaster; bicycle helmet; picnic basket; monitor;
    keyboard; headphones; sunglasses; umbrella"""
)
_FILES = _pool(
    """report.pdf; notes.txt; budget.xlsx; photo.png; main.py; draft.docx; data.csv; slides.pptx;
    index.html; backup.zip; letter.odt; config.yaml; readme.md; invoice.pdf; logo.svg; setup.cfg;
    song.mp3; table.json; trip.jpg; agenda.md; plan.pdf; results.csv; poster.png; server.log;
    archive.tar"""
)
_PATHS = _pool(
    """/home/ana/report.pdf; /var/log/app.log; /data/input.csv; /srv/site/index.html;
    /tmp/export.json; /home/ben/notes; /etc/app/config.yaml; /data/photos/2025; /opt/tools/run.sh;
    /mnt/backup/week; /home/eva/todo.txt; /srv/media/songs; /data/models/small; /var/tmp/cache;
    /home/leo/thesis.tex; /projects/web/src; /data/raw/march.csv; /home/mia/plan.odt;
    /srv/files/logo.svg; /opt/jobs/nightly"""
)
_URLS = _pool(
    """https://example.com/news; https://example.org/about; https://example.net/shop;
    https://example.com/blog/42; https://example.org/data.json; https://example.net/help;
    https://example.com/photos/7; https://example.org/events; https://example.net/recipes;
    https://example.com/jobs; https://example.org/map; https://example.net/forum/15;
    https://example.com/login; https://example.org/faq; https://example.net/feed.xml"""
)
_CURRENCIES = _pool(
    """EUR; USD; GBP; JPY; CHF; SEK; CAD; AUD; INR; BRL; MXN; NOK; DKK; PLN; CZK; KRW; ZAR; NZD;
    SGD; TRY"""
)
_LANGUAGE_CODES = _pool(
    "fr; de; es; pl; da; it; tr; ko; sv; el; nl; cs; fi; th; ur; pt; ja; hu; ro; uk"
)
_COUNTRY_CODES = _pool(
    "FR; DE; ES; PL; DK; IT; TR; KR; SE; GR; NL; CZ; FI; TH; PK; PT; JP; HU; RO; UA"
)
_COLORS = _pool(
    """red; green; blue; yellow; purple; orange; teal; pink; brown; gray; white; black; navy; olive;
    maroon"""
)
_GENRES = _pool(
    """jazz; rock; comedy; drama; folk; classical; thriller; blues; fantasy; soul; mystery; disco;
    western; pop; opera"""
)
_FOODS = _pool(
    """pasta; rice; lentils; salmon; mushrooms; tomatoes; chicken; potatoes; spinach; noodles;
    beans; tofu; eggs; corn; apples"""
)
_STOCKS = _pool(
    "AAPL; MSFT; NVDA; TSLA; AMZN; IBM; ORCL; INTC; NFLX; ADBE; CSCO; AMD; SAP; UBER; SHOP"
)
_AIRPORTS = _pool("CDG; OSL; LIS; JFK; HND; FRA; LAX; MAD; DUB; SIN; ORD; VIE; CPH; ATL; ZRH")
_ZONES = _pool(
    """Europe/Paris; America/New_York; Asia/Tokyo; Europe/Oslo; Africa/Cairo; America/Lima;
    Asia/Seoul; Europe/Rome; Australia/Perth; Asia/Dubai; Europe/Berlin; America/Bogota;
    Africa/Lagos; Asia/Manila; Pacific/Auckland"""
)
_ROOMS = _pool(
    """kitchen; bedroom; bathroom; cellar; study; attic; hallway; garage; nursery; library; pantry;
    porch; lounge; office; den"""
)
_STREETS = _pool(
    """12 Mill Lane; 48 Oak Street; 7 Harbor Road; 150 Station Avenue; 33 Church Hill; 91 Park Row;
    5 Elm Court; 26 Lake Drive; 204 Market Street; 17 Garden Walk; 63 Bridge Road; 8 School Lane;
    112 River Street; 40 King Square; 75 Forest Way"""
)

_HANDLES = Pool("anna; bene; carla; dave; emma; farid; gretchen; hugo; iris; jon", shared=True)

# Words of a name or a description -> what the text is. The first line that fits counts, so the
# narrower come first.
_TEXTS: tuple[tuple[str, TextSource], ...] = (
    ("email mail e-mail", TextSource(_value(EMAIL))),
    ("phone telephone mobile", TextSource(_value(PHONE))),
    ("url uri link website webpage", TextSource(_URLS)),
    ("timezone zone tz", TextSource(_ZONES)),
    ("datetime timestamp moment", TextSource(partial(moment, form="%Y-%m-%dT%H:%M:%S"))),
    ("date day birthday deadline birthdate dob checkin checkout", TextSource(_value(DATE))),
    ("time hour clock", TextSource(_value(TIME))),
    ("path directory folder dir", TextSource(_PATHS)),
    ("file filename", TextSource(_FILES)),
    ("currency currencies", TextSource(_CURRENCIES)),
    ("airport iata", TextSource(_AIRPORTS)),
    ("stock ticker symbol", TextSource(_STOCKS)),
    ("zip zipcode postcode postal", TextSource(_code("", 5))),
    ("isbn barcode ean", TextSource(_code("978", 10))),
    ("ip host", TextSource(_address_of_a_host)),
    ("password token secret key", TextSource(_code("Key", 6))),
    ("id ids identifier uuid code number reference sku", TextSource(_code("ID", 5))),
    ("country nation nationality", TextSource(_value(COUNTRY))),
    ("language lang locale", TextSource(_value(LANGUAGE))),
    ("address street", TextSource(_STREETS, quoted=True)),
    ("city cities town location place origin destination departure arrival region area",
     TextSource(_value(CITY))),
    ("color colour colors", TextSource(_COLORS)),
    ("genre genres style", TextSource(_GENRES)),
    ("ingredient ingredients food dish meal cuisine", TextSource(_FOODS)),
    ("product item items goods", TextSource(_PRODUCTS, quoted=True)),
    ("message body content text sentence comment note notes description review feedback caption",
     TextSource(_SENTENCES, quoted=True)),
    ("query keyword keywords topic subject question search q prompt tag tags category interests",
     TextSource(_SUBJECTS, quoted=True)),
    ("title event task playlist song movie film book album meeting",
     TextSource(_TITLES, quoted=True)),
    ("username nickname login handle", TextSource(_handle)),
    ("user person people customer contact contacts recipient recipients sender author artist "
     "employee patient guest attendee attendees participants participant actor owner passenger "
     "client friend member members",
     TextSource(_value(PERSON))),
    ("room rooms", TextSource(_ROOMS)),
    ("name company brand team project organization store restaurant hotel", TextSource(_NAMES)),
)  # fmt: skip
WEAK = frozenset(("number", "name", "value", "code", "string", "list", "text"))
"""Last words of a name that say less than those before them."""

_IS_CODE = re.compile(r"\bcodes?\b|\biso\b", re.I)
_CODES = {
    "language": _LANGUAGE_CODES,
    "lang": _LANGUAGE_CODES,
    "locale": _LANGUAGE_CODES,
    "country": _COUNTRY_CODES,
}

# Notations of a day that descriptions spell out, the longer before those that are parts of them.
_NOTATIONS = {
    "YYYY-MM-DDTHH:MM:SS": "%Y-%m-%dT%H:%M:%S", "YYYY-MM-DD HH:MM:SS": "%Y-%m-%d %H:%M:%S",
    "YYYY-MM-DD HH:MM": "%Y-%m-%d %H:%M", "YYYY-MM-DD": "%Y-%m-%d", "YYYY/MM/DD": "%Y/%m/%d",
    "DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y", "DD-MM-YYYY": "%d-%m-%Y",
    "MM-DD-YYYY": "%m-%d-%Y", "YYYYMMDD": "%Y%m%d", "HH:MM:SS": "%H:%M:%S", "HH:MM": "%H:%M",
    "YYYY-MM": "%Y-%m", "YYYY": "%Y",
}  # fmt: skip


def text_source(words: Sequence[str], description: str) -> TextSource:
    """Guess a text by the parameter's name (its last words first), then by its description."""
    for notation, form in _NOTATIONS.items():
        if notation in description.upper():
            return TextSource(partial(moment, form=form))
    if _IS_CODE.search(f"{' '.join(words)} {description}"):
        for word in reversed(words):
            if word in _CODES:
                return TextSource(_CODES[word])
    for clue in _clues(words, description):
        lines = [line for word in clue if (line := _line_of(word)) is not None]
        if lines:
            return _TEXTS[min(lines)][1]
    return TextSource(_GENERAL, quoted=True)


def general(draw: Draw) -> str:
    """Draw some words without a meaning of their own."""
    return _GENERAL(draw)


def _clues(words: Sequence[str], description: str) -> Iterator[Sequence[str]]:
    """Yield words that say what a text is about, the most telling first."""
    if words and words[-1] in WEAK:
        yield words[:-1]
    yield words[-1:]
    yield words[:-1]
    yield re.findall(r"[a-z]+", description.lower().split(".")[0])


def _line_of(word: str) -> int | None:
    """Find the first line of the table that has a word, or the word without a plural's `s`."""
    return _LINE_OF.get(word, _LINE_OF.get(word[:-1]))


_LINE_OF: dict[str, int] = {}
for _number, (_line, _) in enumerate(_TEXTS):
    for _word in _line.split():
        _LINE_OF.setdefault(_word, _number)
