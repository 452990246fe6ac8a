"""What a text or a number is likely to be, by the words of its parameter's name and description: a
data table. text_source(["departure", "city"], "Where it begins.").draw(draw) # "Lima" span(["max",
"price"]) # Span(5, 900, 2) Texts are said as the call has them, so that nobody has to guess a
notation; those of several words stand in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from rlcall.tasks.draw import Draw, Pool
from rlcall.tasks.kinds import Kind
from rlcall.tasks.shared_kinds import CITY, COUNTRY, DATE, EMAIL, LANGUAGE, PERSON, PHONE, TIME

Make = Callable[[Draw], str]


class Source(NamedTuple):
    """Where texts come from. What is `quoted` in a request has words that could be taken for the request's own."""

    draw: Make
    quoted: bool = False


class Span(NamedTuple):
    """Numbers from `low` to `high` with so many decimal places."""

    low: float
    high: float
    places: int = 0


def _of(entries: str) -> Make:
    pool = Pool(entries, shared=True)
    return lambda draw: str(draw.of(pool))


def _value(kind: Kind) -> Make:
    return lambda draw: str(kind.draw(draw).value)


def _code(prefix: str, digits: int) -> Make:
    return lambda draw: f"{prefix}{draw.between(10 ** (digits - 1), 10**digits - 1)}"


def moment(draw: Draw, form: str) -> str:
    """A day and a time of this split in a notation of `strftime`."""
    return datetime.fromisoformat(f"{DATE.draw(draw).value}T{TIME.draw(draw).value}:00").strftime(
        form
    )


def _moment(form: str) -> Make:
    return lambda draw: moment(draw, form)


_WORDS = """amber harbor; silent river; blue lantern; north garden; maple street; golden hour;
winter market; open window; paper boat; green valley; quiet morning; silver bridge; red balloon;
summer rain; old lighthouse; wild clover; night train; copper kettle; sunny meadow; stone archway;
tall pines; morning coffee; spare keys; little island; bright comet; evening walk; wooden ladder;
hidden path; velvet curtain; frozen lake"""
_GENERAL = _of(_WORDS)
_NAMES = _of(
    """Aurora; Falcon; Juniper; Meridian; Nimbus; Orchid; Pioneer; Quartz; Redwood; Solstice;
    Tundra; Umbra; Vertex; Willow; Zephyr; Beacon; Cascade; Driftwood; Ember; Foxglove; Granite;
    Harvest; Indigo; Jasper; Keystone"""
)
_SENTENCES = _of(
    """The parcel will arrive on Monday; Please bring the signed forms; We meet at the north
    entrance; Thank you for the quick answer; The train is running late; Do not forget the keys;
    Dinner is ready at eight; The heating works again; I enjoyed the concert very much; Our office
    moves next month; The report needs one more chart; Rain is expected all weekend; Both samples
    passed the test; The new colour looks great; Nobody answered the door; The cake turned out well;
    Your order has been packed; Everyone liked the second draft; The battery lasts two days; Call me
    when you land; The garden needs some water; This product broke after a week; The view from here
    is wonderful; All seats are taken; She painted the fence herself"""
)
_SUBJECTS = _of(
    """renewable energy; jazz history; sourdough baking; coral reefs; chess openings; electric cars;
    medieval castles; home insulation; marathon training; black holes; urban gardening; silent
    films; sleep hygiene; tea ceremonies; glacier hikes; string theory; folk dances; honey bees;
    paper recycling; night photography; wind turbines; street food; opera singers; polar bears;
    solar panels"""
)
_TITLES = _of(
    """Budget Review; Autumn Letters; Team Lunch; The Glass Orchard; Project Kickoff; Quarterly
    Numbers; A Map of Rivers; Dentist Visit; Night Over Harbor; Release Planning; The Last Ferry;
    Garden Party; Design Workshop; Paper Lanterns; Book Club; Safety Training; The Clockmaker;
    Farewell Drinks; Northern Roads; Budget Forecast; Moving Day; The Salt Road; Product Demo;
    Winter Concert; Reading Group"""
)
_PRODUCTS = _of(
    """desk lamp; running shoes; coffee grinder; yoga mat; rain jacket; bluetooth speaker; office
    chair; water bottle; camping tent; electric kettle; wool scarf; backpack; standing desk; bread
    knife; garden hose; travel pillow; wall clock; toaster; bicycle helmet; picnic basket; monitor;
    keyboard; headphones; sunglasses; umbrella"""
)
_FILES = _of(
    """report.pdf; notes.txt; budget.xlsx; photo.png; main.py; draft.docx; data.csv; slides.pptx;
    index.html; backup.zip; letter.odt; config.yaml; readme.md; invoice.pdf; logo.svg; setup.cfg;
    song.mp3; table.json; trip.jpg; agenda.md; plan.pdf; results.csv; poster.png; server.log;
    archive.tar"""
)
_PATHS = _of(
    """/home/ana/report.pdf; /var/log/app.log; /data/input.csv; /srv/site/index.html;
    /tmp/export.json; /home/ben/notes; /etc/app/config.yaml; /data/photos/2025; /opt/tools/run.sh;
    /mnt/backup/week; /home/eva/todo.txt; /srv/media/songs; /data/models/small; /var/tmp/cache;
    /home/leo/thesis.tex; /projects/web/src; /data/raw/march.csv; /home/mia/plan.odt;
    /srv/files/logo.svg; /opt/jobs/nightly"""
)
_URLS = _of(
    """https://example.com/news; https://example.org/about; https://example.net/shop;
    https://example.com/blog/42; https://example.org/data.json; https://example.net/help;
    https://example.com/photos/7; https://example.org/events; https://example.net/recipes;
    https://example.com/jobs; https://example.org/map; https://example.net/forum/15;
    https://example.com/login; https://example.org/faq; https://example.net/feed.xml"""
)
_CURRENCIES = _of(
    "EUR; USD; GBP; JPY; CHF; SEK; CAD; AUD; INR; BRL; MXN; NOK; DKK; PLN; CZK; KRW; ZAR; NZD; SGD; TRY"
)
_LANGUAGE_CODES = _of(
    "fr; de; es; pl; da; it; tr; ko; sv; el; nl; cs; fi; th; ur; pt; ja; hu; ro; uk"
)
_COUNTRY_CODES = _of(
    "FR; DE; ES; PL; DK; IT; TR; KR; SE; GR; NL; CZ; FI; TH; PK; PT; JP; HU; RO; UA"
)
_COLORS = _of(
    "red; green; blue; yellow; purple; orange; teal; pink; brown; gray; white; black; navy; olive; maroon"
)
_GENRES = _of(
    "jazz; rock; comedy; drama; folk; classical; thriller; blues; fantasy; soul; mystery; disco; western; pop; opera"
)
_FOODS = _of(
    """pasta; rice; lentils; salmon; mushrooms; tomatoes; chicken; potatoes; spinach; noodles;
    beans; tofu; eggs; corn; apples"""
)
_STOCKS = _of(
    "AAPL; MSFT; NVDA; TSLA; AMZN; IBM; ORCL; INTC; NFLX; ADBE; CSCO; AMD; SAP; UBER; SHOP"
)
_AIRPORTS = _of("CDG; OSL; LIS; JFK; HND; FRA; LAX; MAD; DUB; SIN; ORD; VIE; CPH; ATL; ZRH")
_ZONES = _of(
    """Europe/Paris; America/New_York; Asia/Tokyo; Europe/Oslo; Africa/Cairo; America/Lima;
    Asia/Seoul; Europe/Rome; Australia/Perth; Asia/Dubai; Europe/Berlin; America/Bogota;
    Africa/Lagos; Asia/Manila; Pacific/Auckland"""
)
_ROOMS = _of(
    """kitchen; bedroom; bathroom; cellar; study; attic; hallway; garage; nursery; library; pantry;
    porch; lounge; office; den"""
)
_STREETS = _of(
    """12 Mill Lane; 48 Oak Street; 7 Harbor Road; 150 Station Avenue; 33 Church Hill; 91 Park Row;
    5 Elm Court; 26 Lake Drive; 204 Market Street; 17 Garden Walk; 63 Bridge Road; 8 School Lane;
    112 River Street; 40 King Square; 75 Forest Way"""
)

_HANDLES = Pool("anna; bene; carla; dave; emma; farid; gretchen; hugo; iris; jon", shared=True)

# Words of a name or a description -> what the text is; the first line that fits counts, so the narrower come first.
_TEXTS: tuple[tuple[str, Source], ...] = (
    ("email mail e-mail", Source(_value(EMAIL))),
    ("phone telephone mobile", Source(_value(PHONE))),
    ("url uri link website webpage", Source(_URLS)),
    ("timezone zone tz", Source(_ZONES)),
    ("datetime timestamp moment", Source(_moment("%Y-%m-%dT%H:%M:%S"))),
    ("date day birthday deadline birthdate dob checkin checkout", Source(_value(DATE))),
    ("time hour clock", Source(_value(TIME))),
    ("path directory folder dir", Source(_PATHS)),
    ("file filename", Source(_FILES)),
    ("currency currencies", Source(_CURRENCIES)),
    ("airport iata", Source(_AIRPORTS)),
    ("stock ticker symbol", Source(_STOCKS)),
    ("zip zipcode postcode postal", Source(_code("", 5))),
    ("isbn barcode ean", Source(_code("978", 10))),
    ("ip host", Source(lambda draw: f"10.{draw.between(0, 255)}.{draw.between(0, 255)}.{draw.between(1, 254)}")),
    ("password token secret key", Source(_code("Key", 6))),
    ("id ids identifier uuid code number reference sku", Source(_code("ID", 5))),
    ("country nation nationality", Source(_value(COUNTRY))),
    ("language lang locale", Source(_value(LANGUAGE))),
    ("address street", Source(_STREETS, quoted=True)),
    ("city cities town location place origin destination departure arrival region area", Source(_value(CITY))),
    ("color colour colors", Source(_COLORS)),
    ("genre genres style", Source(_GENRES)),
    ("ingredient ingredients food dish meal cuisine", Source(_FOODS)),
    ("product item items goods", Source(_PRODUCTS, quoted=True)),
    ("message body content text sentence comment note notes description review feedback caption",
     Source(_SENTENCES, quoted=True)),
    ("query keyword keywords topic subject question search q prompt tag tags category interests",
     Source(_SUBJECTS, quoted=True)),
    ("title event task playlist song movie film book album album meeting", Source(_TITLES, quoted=True)),
    ("username nickname login handle", Source(lambda draw: f"{draw.of(_HANDLES)}{draw.between(10, 99)}")),
    ("user person people customer contact contacts recipient recipients sender author artist employee patient guest "
     "attendee attendees participants participant actor owner passenger client friend member members",
     Source(_value(PERSON))),
    ("room rooms", Source(_ROOMS)),
    ("name company brand team project organization store restaurant hotel", Source(_NAMES)),
)  # fmt: skip
_TEXT_OF = {word: source for words, source in reversed(_TEXTS) for word in words.split()}
_ORDER = {source: place for place, (_, source) in enumerate(_TEXTS)}
WEAK = frozenset(
    ("number", "name", "value", "code", "string", "list", "text")
)  # what stands before them says more
_CODES = {
    "language": _LANGUAGE_CODES,
    "lang": _LANGUAGE_CODES,
    "locale": _LANGUAGE_CODES,
    "country": _COUNTRY_CODES,
}

# Notations of a day that descriptions spell out.
_NOTATIONS = {
    "YYYY-MM-DDTHH:MM:SS": "%Y-%m-%dT%H:%M:%S", "YYYY-MM-DD HH:MM:SS": "%Y-%m-%d %H:%M:%S",
    "YYYY-MM-DD HH:MM": "%Y-%m-%d %H:%M", "YYYY-MM-DD": "%Y-%m-%d", "YYYY/MM/DD": "%Y/%m/%d",
    "DD/MM/YYYY": "%d/%m/%Y", "MM/DD/YYYY": "%m/%d/%Y", "DD-MM-YYYY": "%d-%m-%Y",
    "MM-DD-YYYY": "%m-%d-%Y", "YYYYMMDD": "%Y%m%d", "HH:MM:SS": "%H:%M:%S", "HH:MM": "%H:%M",
    "YYYY-MM": "%Y-%m", "YYYY": "%Y",
}  # fmt: skip

_SPANS: tuple[tuple[str, Span], ...] = (
    ("year", Span(1990, 2030)), ("month", Span(1, 12)), ("day days", Span(1, 28)), ("hour hours", Span(1, 23)),
    ("minute minutes duration", Span(5, 55)), ("second seconds timeout", Span(1, 59)),
    ("timestamp", Span(1.6e9, 1.8e9)),
    ("latitude lat", Span(-60, 60, 4)), ("longitude lon lng long", Span(-170, 170, 4)),
    ("price amount cost budget salary income balance fee", Span(5, 900, 2)), ("principal loan", Span(1000, 90000)),
    ("percent percentage rate interest tax discount", Span(1, 40, 1)),
    ("probability fraction ratio threshold", Span(0, 1, 2)),
    ("temperature celsius fahrenheit", Span(-10, 35, 1)), ("age", Span(18, 80)), ("port", Span(1024, 9999)),
    ("page pages limit count top quantity guests people adults rooms seats tickets max n k", Span(1, 20)),
    ("id identifier number", Span(1000, 99999)), ("rating stars score", Span(1, 5)), ("weight mass", Span(1, 120, 1)),
    ("width height length depth radius size distance base", Span(1, 500)), ("children infants", Span(0, 4)),
)  # fmt: skip
_SPAN_OF = {word: span for words, span in reversed(_SPANS) for word in words.split()}


def text_source(words: Sequence[str], description: str) -> Source:
    """What a text is about, by the parameter's name (its last words first), then by its description."""
    if form := next(
        (form for sign, form in _NOTATIONS.items() if sign in description.upper()), None
    ):
        return Source(_moment(form))
    for word in reversed(words):
        if word in _CODES and re.search(
            r"\bcodes?\b|\biso\b", f"{' '.join(words)} {description}", re.I
        ):
            return Source(_CODES[word])
    weak = bool(words) and words[-1] in WEAK
    for heard in (words[:-1] if weak else (), words[-1:], words[:-1], _words(description)):
        if found := {
            source for word in heard if (source := _TEXT_OF.get(word) or _TEXT_OF.get(word[:-1]))
        }:
            return min(found, key=lambda source: _ORDER[source])
    return Source(_GENERAL, quoted=True)


def span(words: Sequence[str], whole: bool) -> Span:
    """The numbers that a parameter of this name may mean."""
    found = next((_SPAN_OF[word] for word in reversed(words) if word in _SPAN_OF), None)
    return found or (Span(1, 100) if whole else Span(1, 100, 1))


def general(draw: Draw) -> str:
    """Some words without a meaning of their own."""
    return _GENERAL(draw)


def _words(text: str) -> Iterator[str]:
    yield from re.findall(r"[a-z]+", text.lower().split(".")[0])
