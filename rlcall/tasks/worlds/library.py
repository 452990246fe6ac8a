"""A public library: loans, shelves and reading."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import Kind, choice, code, integer, many, text, word
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import AMOUNT, DATE, EMAIL, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

TITLE = called(
    text(
        "book title",
        """The Silent Harbour; A Winter of Foxes; Glass Mountains; The Ninth Lantern; Salt and
        Thunder; Paper Kingdoms; The Beekeeper's Map; Letters to Nowhere; An Orchard at Night;
        Rivers of Ash; The Clockmaker's Son; Blue Hours""",
    ),
    '"{}"',
)
FINE = Kind("fine", AMOUNT.schema, AMOUNT.draw)
AUTHOR = Kind("author", PERSON.schema, PERSON.draw)
CARD = called(code("library card", "LC-#####"), "card {}", "library card {}")
BRANCH = word(
    "library branch", "Elm Street; Old Mill; Harbour Square; University; Greenhill; Station Road"
)
OBJECT = choice(
    "loaned object", {"a novel": "BK", "a DVD": "DV", "a magazine": "MG", "an audio book": "AB"}
)
PAGES = measured("pages", 80, 900, "pages")
LATE_DAYS = measured("days late", 2, 60, "days")
SUBJECT = choice(
    "subject",
    {
        "astronomy": "520",
        "chemistry": "540",
        "cookery": "641",
        "music": "780",
        "ancient history": "930",
        "law": "340",
    },
)
CALL_NUMBER = called(code("call number", "### @@@"), "call number {}")
STEM = code("first twelve digits of an ISBN", "978#########")
ISBN = called(code("ISBN", "978##########"), "ISBN {}")
ROOM = word("reading room", "Room A; Room B; Garden Room; Attic Room; Quiet Room")

_LOAN_DAYS = {"BK": 28, "DV": 7, "MG": 10, "AB": 21}
_DAILY_FEE = {"BK": 0.2, "DV": 0.5, "MG": 0.1, "AB": 0.3}
_MEDIA_CODES = "BK is a novel, DV a DVD, MG a magazine, AB an audio book"


def _return_date(arguments: Mapping[str, Any]) -> dict[str, Any]:
    days = _LOAN_DAYS[arguments["medium"]] * (2 if arguments["long_loan"] else 1)
    return {"due": (date.fromisoformat(arguments["borrowed"]) + timedelta(days=days)).isoformat()}


def _late_fee(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Charge at most 15 for a thing."""
    share = 0.5 if arguments["reduced"] else 1
    return {"fee": round(min(15, arguments["days"] * _DAILY_FEE[arguments["medium"]]) * share, 2)}


def _reading_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"minutes": max(1, round(arguments["pages"] * 60 / arguments["per_hour"]))}


def _daily_pages(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"pages": ceil(arguments["pages"] / arguments["days"])}


def _call_number(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Join the subject's class and three letters of the author's last name: `520 ROS`."""
    surname = arguments["author"].split()[-1].upper()
    return {"call_number": f"{arguments['subject']} {surname[:3].ljust(3, 'X')}"}


def _full_isbn(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Add the digit that makes the sum, weighed 1 and 3 by turns, a multiple of 10."""
    weighed = sum(
        int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(arguments["stem"])
    )
    return {"isbn": f"{arguments['stem']}{-weighed % 10}"}


WORLD = World(
    "library",
    [
        WorldTool(
            "author_of",
            "Look up who wrote a book.",
            needs={"title": TITLE.means("title of the book, without quotes")},
            say=[
                "look up who wrote {title}",
                "name the author of {title}",
                "Who is the writer behind {title}?",
            ],
            vague=["look up who wrote that book"],
            gives={"author": Result(AUTHOR, ["the author of {title}", "whoever wrote {title}"])},
            like=["newest_title_by"],
        ),
        WorldTool(
            "newest_title_by",
            "Find the newest book of an author.",
            needs={"author": AUTHOR.means("first and last name of the author")},
            takes={
                "language": choice("book language", "Arabic English Hindi Welsh").means(
                    "only books in this language"
                )
            },
            say=[
                "find the newest book by {author}",
                "see what {author} has brought out most recently",
                "What is the latest work of {author}?",
            ],
            add={"language": ["in {language}"]},
            vague=["find the newest book by my favourite author"],
            gives={"title": Result(TITLE, ["the newest book by {author}"])},
            like=["author_of", "sequel_of"],
        ),
        WorldTool(
            "sequel_of",
            "Find the book that continues another.",
            needs={"title": TITLE.means("title of the earlier book, without quotes")},
            say=[
                "find the sequel of {title}",
                "tell me which book continues {title}",
                "What comes after {title} in the series?",
            ],
            vague=["find the sequel", "tell me which book continues the series"],
            gives={
                "title": Result(TITLE, ["the sequel of {title}", "the book that continues {title}"])
            },
            like=["newest_title_by"],
        ),
        WorldTool(
            "page_count",
            "Look up how many pages a book has.",
            needs={"title": TITLE.means("title of the book, without quotes")},
            say=[
                "look up how many pages {title} has",
                "check the length of {title} in pages",
                "How thick is {title}, counted in pages?",
            ],
            vague=["look up how many pages the book has"],
            gives={
                "pages": Result(
                    PAGES, ["the page count of {title}", "the number of pages in {title}"]
                )
            },
            like=["reading_time", "pages_per_day"],
        ),
        WorldTool(
            "reading_time",
            "Estimate how many minutes it takes to read some pages.",
            needs={
                "pages": PAGES.means("how many pages"),
                "per_hour": integer("pages per hour", 20, 60, 5).means("pages read in an hour"),
            },
            say=[
                "estimate how long I need for {pages} at {per_hour} an hour",
                "reckon the reading time of {pages} at a pace of {per_hour} an hour",
                "If I get through {per_hour} an hour, how long will {pages} last me?",
            ],
            vague=[
                "estimate how long I need for {pages}",
                "How long do I read at a pace of {per_hour} an hour?",
            ],
            gives={
                "minutes": Result(MINUTES, ["the reading time of {pages} at {per_hour} an hour"])
            },
            run=_reading_time,
            like=["pages_per_day", "page_count"],
        ),
        WorldTool(
            "pages_per_day",
            "Work out how many pages must be read each day to finish in time.",
            needs={
                "pages": PAGES.means("pages that are left"),
                "days": integer("reading days", 3, 30).means("days until the end"),
            },
            say=[
                "divide {pages} over {days} days of reading",
                "work out my daily share of {pages} so that I finish within {days} days",
                "To be through with {pages} in {days} days, how much must I read daily?",
            ],
            vague=[
                "work out my daily share of {pages}",
                "How much must I read daily to finish in {days} days?",
            ],
            gives={"pages": Result(PAGES, ["the daily share of {pages} over {days} days"])},
            run=_daily_pages,
            like=["reading_time"],
        ),
        WorldTool(
            "return_date",
            "Work out by which day something borrowed must be back.",
            needs={
                "medium": OBJECT.means(_MEDIA_CODES),
                "borrowed": DATE.means("day of borrowing"),
            },
            takes={
                "long_loan": choice(
                    "long loan", {"as a long loan": True, "as a normal loan": False}
                ).means("whether it may be kept twice as long", default=False)
            },
            say=[
                "work out when {medium} must be back if I borrow it on {borrowed}",
                "tell me the due date of {medium} taken out on {borrowed}",
                "By when do I bring back {medium} that I took home on {borrowed}?",
            ],
            add={"long_loan": ["{long_loan}"]},
            vague=[
                "work out when {medium} must be back",
                "tell me the due date of what I took out on {borrowed}",
            ],
            gives={"due": Result(DATE, ["the due date of {medium} taken out on {borrowed}"])},
            run=_return_date,
            like=["days_overdue", "renew_loan"],
        ),
        WorldTool(
            "days_overdue",
            "See by how many days a book on a card is overdue.",
            needs={
                "title": TITLE.means("title of the book, without quotes"),
                "card": CARD.means("number of the library card"),
            },
            say=[
                "see how overdue {title} is on {card}",
                "count the days by which {title} on {card} is late",
                "How far past its date is {title} on {card}?",
            ],
            vague=[
                "see how overdue {title} is",
                "count the days by which my book on {card} is late",
            ],
            gives={
                "days": Result(
                    LATE_DAYS,
                    [
                        "the delay of {title} on {card}",
                        "the number of days {title} is overdue on {card}",
                    ],
                )
            },
            like=["late_fee", "return_date"],
        ),
        WorldTool(
            "late_fee",
            "Work out the fee for something that comes back late.",
            needs={
                "medium": OBJECT.means(_MEDIA_CODES),
                "days": LATE_DAYS.means("how many days late"),
            },
            takes={
                "reduced": choice(
                    "reduced", {"at the reduced rate": True, "at the full rate": False}
                ).means("whether the reader pays half", default=False)
            },
            say=[
                "work out the fine for {medium} that is late by {days}",
                "find what the library charges for {medium} with a delay of {days}",
                "How expensive is it to return {medium} with a delay of {days}?",
            ],
            add={"reduced": ["{reduced}"]},
            vague=["work out the fine for {medium}", "What is the fine for a delay of {days}?"],
            gives={"fee": Result(FINE, ["the fine for {medium} that is late by {days}"])},
            run=_late_fee,
            like=["days_overdue", "settle_fines"],
        ),
        WorldTool(
            "settle_fines",
            "Pay an amount towards the fines on a library card.",
            needs={
                "card": CARD.means("number of the library card"),
                "amount": FINE.means("how much is paid"),
            },
            takes={"receipt_to": EMAIL.means("address for the receipt")},
            say=[
                "pay {amount} towards the fines on {card}",
                "on {card}, settle fines worth {amount}",
                "I would like {card} to be cleared of {amount} in fines.",
            ],
            add={
                "receipt_to": [
                    "with a receipt to {receipt_to}",
                    "and have the receipt sent to {receipt_to}",
                ]
            },
            vague=["pay the fines on {card}", "settle fines worth {amount}"],
            like=["late_fee"],
        ),
        WorldTool(
            "reserve_title",
            "Put a book that is out on loan aside for a reader as soon as it is back.",
            needs={
                "title": TITLE.means("title of the book, without quotes"),
                "card": CARD.means("number of the library card"),
            },
            takes={"branch": BRANCH.means("branch where it is fetched")},
            say=[
                "put {title} aside for {card} once it is back",
                "place a hold on {title} for {card}",
                "When {title} comes in, keep it for {card}, please.",
            ],
            add={"branch": ["to be fetched at {branch}", "for collection at the {branch} branch"]},
            vague=["place a hold on {title}", "put a book aside for {card}"],
            like=["renew_loan", "suggest_purchase"],
        ),
        WorldTool(
            "renew_loan",
            "Keep a book for longer that is already on a reader's card.",
            needs={
                "title": TITLE.means("title of the book, without quotes"),
                "card": CARD.means("number of the library card"),
            },
            takes={"until": DATE.means("new date of return")},
            say=[
                "extend the loan of {title} on {card}",
                "renew {title} on {card}",
                "I have {title} on {card} and need it for longer.",
            ],
            add={"until": ["until {until}"]},
            vague=["extend the loan of {title}", "renew what is on {card}"],
            like=["reserve_title", "return_date"],
        ),
        WorldTool(
            "call_number",
            "Work out the call number of a book from its subject and its author.",
            needs={
                "subject": SUBJECT.means("class of the subject"),
                "author": AUTHOR.means("first and last name of the author"),
            },
            say=[
                "work out the call number for a book on {subject} by {author}",
                "give me the shelf mark that a book on {subject} by {author} bears",
                "Under what call number is a book on {subject} by {author} filed?",
            ],
            vague=[
                "work out the call number for a book on {subject}",
                "Under what call number are works by {author} filed?",
            ],
            gives={
                "call_number": Result(
                    CALL_NUMBER, ["the call number for a book on {subject} by {author}"]
                )
            },
            run=_call_number,
            like=["locate_shelf"],
        ),
        WorldTool(
            "locate_shelf",
            "Say on which floor and shelf of a branch a call number stands.",
            needs={
                "call_number": CALL_NUMBER.means("call number, such as 520 ROS"),
                "branch": BRANCH.means("which branch"),
            },
            say=[
                "locate {call_number} at the {branch} branch",
                "guide me to the shelf of {call_number} in the {branch} branch",
                "On which shelf of the {branch} branch is {call_number}?",
            ],
            vague=["locate {call_number}", "guide me to the right shelf in the {branch} branch"],
            like=["call_number"],
        ),
        WorldTool(
            "complete_isbn",
            "Add the check digit to the first twelve digits of an ISBN.",
            needs={"stem": STEM.means("the first twelve digits, without hyphens")},
            say=[
                "complete the ISBN that starts with {stem}",
                "add the check digit to {stem}",
                "Which full ISBN begins with the twelve digits {stem}?",
            ],
            vague=["complete the ISBN for me", "add the check digit, please"],
            gives={"isbn": Result(ISBN, ["the full ISBN starting with {stem}"])},
            run=_full_isbn,
        ),
        WorldTool(
            "suggest_purchase",
            "Suggest that the library buy a book which it does not have.",
            needs={"isbn": ISBN.means("13 digits, without hyphens")},
            takes={
                "copies": integer("copies", 2, 9).means("how many copies", default=1, minimum=1),
                "branches": many(BRANCH, 1, 2).means("branches that should get it"),
            },
            say=[
                "suggest that the library buy {isbn}",
                "propose {isbn} for purchase by the library",
                "The library should acquire {isbn}.",
            ],
            add={"copies": ["in {copies} copies"], "branches": ["for {branches}"]},
            vague=["suggest that the library buy a certain book"],
            like=["reserve_title"],
        ),
        WorldTool(
            "book_reading_room",
            "Book a reading room of the library for some time.",
            needs={
                "room": ROOM.means("name of the room"),
                "day": DATE.means("which day"),
                "minutes": MINUTES.means("how long, in minutes"),
            },
            takes={"start": TIME.means("from what time, HH:MM")},
            say=[
                "get me {room} for {minutes} on {day}",
                "secure the reading room {room} on {day} for {minutes}",
                "Is it possible to have {room} on {day} for {minutes}?",
            ],
            add={"start": ["from {start} on", "beginning at {start}"]},
            vague=["get me {room} on {day}", "secure a reading room for {minutes}"],
        ),
    ],
    idle=[
        "Which is the oldest library in the world?",
        "I adore the smell of old paper.",
        "Write the first sentence of a detective story.",
        "Why do librarians whisper?",
        "What is the moral of the tale of the tortoise and the hare?",
        "Is an e-reader better for the eyes than paper?",
        "Can you read me a bedtime story?",
        "How were books printed before Gutenberg?",
        "My bookmark is missing again.",
        "Explain what a sonnet is.",
    ],
)
