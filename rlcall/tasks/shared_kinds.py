"""Kinds that many worlds share: people, places, dates, money. Each split has its part of the pools.

DATE.draw(draw)     # Value(spoken="May 4, 2026", value="2026-05-04")
"""

from __future__ import annotations

from datetime import date, timedelta

from rlcall.tasks.draw import CYCLE, SPLITS, Draw, Pool, Value
from rlcall.tasks.kinds import Kind, choice, in_words, integer, number, ordinal, text, word

_FIRST = Pool(
    """Ana; Ben; Carla; David; Emma; Farid; Grace; Hugo; Iris; Jonas; Karim; Laura; Marco; Nina;
    Omar; Paula; Quinn; Rosa; Samir; Tara; Ursula; Victor; Wendy; Yusuf; Zoe; Alice; Boris; Chloe;
    Diego; Elena; Felix; Gina; Henry; Ingrid; Jamal; Kate; Leo; Maya; Noah; Olga""",
    shared=True,
)
_LAST = Pool(
    """Petrova; Miller; Rossi; Haddad; Novak; Silva; Larsen; Okafor; Tanaka; Weber; Moreau; Kim;
    Garcia; Patel; Nowak; Jensen; Ortiz; Cohen; Fischer; Santos; Dubois; Hansen; Ivanov; Khan;
    Lopez; Murphy; Nakamura; Olsen; Price; Reyes; Schmidt; Turner; Vega; Wagner; Young; Becker;
    Costa; Diaz; Evans; Ferrari""",
    shared=True,
)
_CITIES = Pool(
    """Oslo; Lima; Rome; Cairo; Tokyo; Boston; Delhi; Madrid; Prague; Dublin; Seoul; Quito; Bern;
    Athens; Vienna; Paris; Lagos; Hanoi; Turin; Ghent; Porto; Bergen; Denver; Kyoto; Malmo; Krakow;
    Leeds; Austin; Perth; Tunis; Zurich; Basel; Riga; Vilnius; Tallinn; Havana; Bogota; Nairobi;
    Accra; Dakar""",
    shared=True,
)
_COUNTRIES = Pool(
    """Mali; Peru; Kenya; Norway; Japan; Chile; Egypt; Poland; Cuba; India; Spain; Ghana; Malta;
    Tonga; Nepal; Italy; Brazil; Canada; Greece; Latvia; Iceland; Austria; Morocco; Vietnam; Finland
    """,
    shared=True,
)
_LANGUAGES = Pool(
    """French; German; Spanish; Polish; Danish; Italian; Turkish; Korean; Swedish; Greek; Dutch;
    Czech; Finnish; Thai; Urdu""",
    shared=True,
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MINUTES = {
    5: "five minutes", 10: "ten minutes", 15: "a quarter of an hour", 20: "twenty minutes",
    25: "25 minutes", 30: "half an hour", 40: "40 minutes", 45: "three quarters of an hour",
    50: "50 minutes", 60: "an hour", 75: "75 minutes", 90: "an hour and a half", 120: "two hours",
    150: "two and a half hours", 180: "three hours", 240: "four hours", 35: "35 minutes",
    55: "55 minutes", 65: "65 minutes", 70: "70 minutes", 80: "80 minutes", 85: "85 minutes",
    100: "100 minutes", 105: "an hour and three quarters", 110: "110 minutes",
}  # fmt: skip
_LENGTHS = Pool(tuple(_MINUTES), shared=True)


def _date(draw: Draw) -> Value:
    week = draw.between(0, 145)  # of five days, which are divided among the splits
    weekday = draw.choice(SPLITS[draw.split])
    day = date(2026, 1, 1) + timedelta(days=CYCLE * week + weekday)
    spoken = draw.choice((day.isoformat(), *spoken_dates(day)))
    return Value(spoken, day.isoformat())


def spoken_dates(day: date) -> tuple[str, ...]:
    """Say a day in words: `May 4, 2026`, `4 May 2026`, `May 4th, 2026`."""
    month = _MONTHS[day.month - 1]
    return (
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month} {day.year}",
        f"{month} {ordinal(day.day)}, {day.year}",
    )


def _time(draw: Draw) -> Value:
    hour = draw.between(6, 22)
    minute = 15 * draw.between(0, 3)
    value = f"{hour:02}:{minute:02}"
    half = "am" if hour < 12 else "pm"
    clock = str((hour - 1) % 12 + 1)
    if minute:
        clock += f":{minute}"
    spoken = draw.choice((f"{clock} {half}", value))
    return Value(spoken, value)


def _minutes(draw: Draw) -> Value:
    minutes = draw.of(_LENGTHS)
    return Value(draw.choice((f"{minutes} minutes", _MINUTES[minutes])), minutes)


def _amount(draw: Draw) -> Value:
    if draw.chance(0.5):
        amount = draw.between(5, 900)
        return Value(f"{amount}", float(amount))
    cents = draw.between(500, 90000)
    return Value(f"{cents / 100:.2f}", cents / 100)


def _person(draw: Draw) -> Value:
    name = f"{draw.of(_FIRST)} {draw.of(_LAST)}"
    return Value(name, name)


def _email(draw: Draw) -> Value:
    name = f"{draw.of(_FIRST)}.{draw.of(_LAST)}".lower()
    address = f"{name}@example.{draw.choice(('com', 'org', 'net'))}"
    return Value(address, address)


def _phone(draw: Draw) -> Value:
    area, exchange = draw.between(200, 999), draw.between(100, 999)
    number = f"{area}-{exchange}-{draw.between(1000, 9999)}"
    return Value(number, number)


def _count(draw: Draw) -> Value:
    value = draw.between(2, 12)
    return Value(draw.choice((str(value), in_words(value))), value)


DATE = Kind("date", {"type": "string", "format": "date"}, _date)
TIME = Kind("time", {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"}, _time)
MINUTES = Kind("minutes", {"type": "integer", "minimum": 1}, _minutes)
"""Spoken with its unit: `half an hour`."""
AMOUNT = Kind("amount", {"type": "number", "minimum": 0}, _amount)
"""Of money, without its currency."""
COUNT = Kind("count", {"type": "integer", "minimum": 1}, _count)
PERCENT = integer("percent", 0, 100, 5)
DEGREES = number("degrees", -20, 45, 1)
PERSON = Kind("person", {"type": "string"}, _person)
EMAIL = Kind("email", {"type": "string", "format": "email"}, _email)
PHONE = Kind("phone", {"type": "string"}, _phone)
CITY = word("city", _CITIES)
COUNTRY = word("country", _COUNTRIES)
LANGUAGE = text("language", _LANGUAGES)
_CURRENCIES = {
    "euros": "EUR", "dollars": "USD", "pounds": "GBP", "yen": "JPY", "francs": "CHF",
    "crowns": "SEK",
}  # fmt: skip
CURRENCY = choice("currency", _CURRENCIES)
