"""The words in which people ask a phone for things, as data.

    PLAIN["set_flashlight"][6] == Phrasing("kill the flashlight", {"on": False})

Of every five entries in a list, the first three belong to `train`, the fourth to `validation`, the
fifth to `test`. A phrasing in lower case is a clause, which can be made polite, joined to another,
and given a full stop. One that begins with a capital is a sentence and stays as it is. A slot
`{place}` is the argument of that name; `ask(text, on=True)` adds arguments that the words imply.
OPTIONAL phrasings give an optional argument, PLAIN ones none.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Phrasing(NamedTuple):
    """A request with slots, and the arguments that its words imply."""

    text: str
    implied: dict[str, Any]


def ask(text: str, /, **implied: Any) -> Phrasing:
    """Return a phrasing whose words imply arguments."""
    return Phrasing(text, implied)


def _phrasing(entry: str | Phrasing) -> Phrasing:
    return entry if isinstance(entry, Phrasing) else Phrasing(entry, {})


_PLAIN: dict[str, list[str | Phrasing]] = {
    "set_flashlight": [
        "turn {on} the flashlight",
        "switch the flashlight {on}",
        ask("I can't see a thing down here, I need my flashlight.", on=True),
        "flip the flashlight {on}",
        "get the flashlight switched {on}",
        "turn my torch {on}",
        ask("kill the flashlight", on=False),
        "Flashlight {on}",
        ask("stop the flashlight", on=False),
        ask("shine the flashlight", on=True),
        ask("use the flashlight so I can see", on=True),
        ask("I don't need the flashlight any more.", on=False),
        "put the flashlight {on}",
        ask("start the flashlight", on=True),
        ask("shut the flashlight down", on=False),
    ],
    "create_contact": [
        "save {name} in my contacts with the number {phone}",
        "add {name}, {phone}, to my contacts",
        "create a contact for {name} with {phone}",
        "store {phone} in my address book as {name}",
        "put {name} in my phone book under {phone}",
        "New contact: {name}, {phone}",
        "remember {name}'s number, it's {phone}",
        "I just met {name}, save the number {phone}.",
        "make a contact called {name} with phone number {phone}",
        "keep {phone} as the number of {name}",
        "add the number {phone} for {name}",
        "save the number {phone} under the name {name}",
        "make {name} a contact, the number is {phone}",
        "add a contact, {name}, whose number is {phone}",
        "write down {name}'s number as a contact: {phone}",
    ],
    "send_email": [
        "send an email to {to} about {subject}",
        "email {to} with the subject {subject}",
        'write an email to {to}, subject "{subject}"',
        "drop {to} an email about {subject}",
        'mail {to} under the subject line "{subject}"',
        "send {to} an email, the subject is {subject}",
        "email {to} about {subject}",
        'compose an email to {to} titled "{subject}"',
        'get an email out to {to} with "{subject}" as the subject',
        "let {to} have an email about {subject}",
        "mail {to} about {subject}",
        'shoot an email to {to} with subject "{subject}"',
        "write to {to} about {subject}",
        'send a mail with the subject "{subject}" to {to}',
        'start an email about "{subject}" and send it to {to}',
    ],
    "show_map": [
        "show me {place} on the map",
        "find {place} on the map",
        "Where is {place}?",
        "bring up {place} on a map",
        "look up where {place} is",
        "open the map at {place}",
        "give me directions to {place}",
        "map {place}",
        "locate {place} for me",
        "pull up a map of {place}",
        "show me where {place} is",
        "How do I get to {place}?",
        "navigate to {place}",
        "I'm lost, show me the way to {place}.",
        "I'm trying to find {place}, get me a map.",
    ],
    "set_wifi": [
        "turn {on} the wifi",
        "switch wi-fi {on}",
        "turn my wifi {on}",
        "flip the wifi {on}",
        "get the wi-fi switched {on}",
        "switch {on} the wi-fi",
        ask("disable wifi", on=False),
        ask("enable wi-fi", on=True),
        ask("activate the wi-fi", on=True),
        ask("I'd like to be on the wifi.", on=True),
        "set wifi to {on}",
        ask("My wifi shouldn't be running, turn it off.", on=False),
        "Wifi {on}",
        ask("deactivate the wi-fi", on=False),
        ask("shut the wi-fi down", on=False),
    ],
    "create_event": [
        "put {title} in my calendar on {date} at {time}",
        "add {title} to my calendar for {date} at {time}",
        "schedule {title} on {date} at {time}",
        "book {title} into the calendar for {time} on {date}",
        "enter {title} in the calendar, {date}, {time}",
        "create an event called {title} on {date}, {time}",
        "I have {title} on {date} at {time}, put it in my calendar.",
        "make a calendar entry: {title}, {date} at {time}",
        "note {title} for {date} at {time} in my calendar",
        "My calendar needs {title} on {date} at {time}.",
        "Calendar: {title}, {date}, {time}",
        "set up {title} for {date} at {time}",
        "save the date for {title}, {date} at {time}",
        "mark {title} in my calendar, it's on {date} at {time}",
        "pencil in {title} for {date}, {time}",
    ],
    "make_call": [
        "call {who}",
        "give {who} a call",
        "phone {who}",
        "get {who} on the line",
        "start a phone call to {who}",
        "ring {who}",
        "I need to talk to {who}, start a call.",
        "make a call to {who}",
        "place a call to {who}",
        "get me through to {who}",
        "dial {who}",
        "put me through to {who}",
        "call up {who}",
        "I have to speak with {who}, call now.",
        "give {who} a ring",
    ],
}

_OPTIONAL: dict[str, list[str | Phrasing]] = {
    "set_flashlight": [
        ask("turn on the flashlight at {brightness}", on=True),
        ask("set the flashlight to {brightness}", on=True),
        ask("Flashlight on, {brightness}", on=True),
        ask("get the flashlight going at {brightness}", on=True),
        ask("run the flashlight at {brightness}", on=True),
    ],
    "create_contact": [
        "add {name}, {phone}, to my {group} contacts",
        "save {name} under {group} with the number {phone}",
        "New {group} contact: {name}, {phone}",
        "store {phone} as {name} in my {group} group",
        "put {name} in the {group} group, number {phone}",
    ],
    "send_email": [
        'email {to} about {subject} and say "{body}"',
        'send an email to {to}, subject "{subject}", saying "{body}"',
        'write an email to {to} with the subject {subject} and the text "{body}"',
        'drop {to} an email about {subject} that says "{body}"',
        'mail {to}: subject "{subject}", message "{body}"',
    ],
    "show_map": [
        "give me directions to {place} {mode}",
        "show me the way to {place} {mode}",
        "How do I get to {place} {mode}?",
        "find me a route to {place} {mode}",
        "find the way to {place} {mode} on the map",
    ],
    "set_wifi": [
        ask("connect to the {network} wifi", on=True),
        ask("turn on wi-fi and join {network}", on=True),
        ask("get me on the wifi network {network}", on=True),
        ask("hook up to the wi-fi called {network}", on=True),
        ask("log my phone into the {network} wi-fi", on=True),
    ],
    "create_event": [
        "put {title} in my calendar on {date} at {time} for {minutes}",
        "schedule {title}, {minutes}, on {date} at {time}",
        "add {title} on {date}, {time}, it takes {minutes}",
        "book {title} for {date} at {time}, {minutes} long",
        "block {minutes} for {title} on {date} at {time}",
    ],
    "make_call": [
        ask("call {who} on speaker", speaker=True),
        ask("phone {who} with the speaker on", speaker=True),
        ask("put {who} on speakerphone", speaker=True),
        ask("ring up {who} on loudspeaker", speaker=True),
        ask("dial {who}, speaker on", speaker=True),
    ],
}

PLAIN = {tool: [_phrasing(entry) for entry in entries] for tool, entries in _PLAIN.items()}
OPTIONAL = {tool: [_phrasing(entry) for entry in entries] for tool, entries in _OPTIONAL.items()}

# Requests for what none of the seven tools does. Many are near misses: the same verb for another
# thing, or another verb.
NO_TOOL = [
    "What's the weather like in {city}?", "play some {genre}", "What is {n} times {m}?",
    "What time is it in {city}?", "How many people live in {city}?", "turn {on} bluetooth",
    "set a timer for {minutes}", "How do you say {word} in {language}?",
    "put on a {genre} playlist", "What's the {language} word for {word}?",
    "delete {name} from my contacts", "turn the volume up to {brightness}",
    "What's the capital of {country}?", "turn airplane mode {on}",
    "set the screen brightness to {brightness}", "What does the last email from {name} say?",
    "take a picture", "tell me a {word} joke", "record a video", "sing me a {genre} song",
    "cancel {title} on {date}", "send a text message to {name}", "What's {name}'s phone number?",
    "block calls from {name}", "move {title} to {date}", "How much battery do I have left?",
    "read me the news from {country}", "What is {n} plus {m}?", "find me a {word} recipe",
    "How do I cook {word} soup?", "order a pizza", "Who was the first president of {country}?",
    "translate {word} into {language}", "spell {word}", "What is {n} minus {m}?",
    "Thanks, that was all.", "Do I have anything on {date}?", "download the {genre} app",
    "Good morning!", "How are you today?",
]  # fmt: skip

# Words before and after a clause. The same for every split: the clauses differ.
MANNERS = [
    "{}", "{}", "{}.", "Please {}.", "{}, please.", "Can you {}?", "Could you please {}?",
    "hey, {}", "ok {}", "I need you to {}.",
]  # fmt: skip
