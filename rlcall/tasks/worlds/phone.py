"""The phone: messages, contacts, voicemail and quiet hours."""

from __future__ import annotations

from dataclasses import replace

from rlcall.tasks.called import called
from rlcall.tasks.kinds import choice, code, many, text
from rlcall.tasks.shared_kinds import DATE, EMAIL, MINUTES, PERSON, PHONE, TIME
from rlcall.tasks.world import Result, World, WorldTool

MESSAGE = text(
    "message text",
    """running ten minutes late; the keys are under the mat; see you at the usual place; the parcel
    has arrived; happy anniversary; don't forget the umbrella; dinner is in the oven; I'm on the
    train now; the meeting went well; can you feed the cat; thanks for the flowers; the plumber is
    here; we won the match; call me when you land; good luck with the exam; the car is back from the
    garage; I left the tickets on the table; all is well here; what a lovely evening; the doctor
    says it is nothing serious; please bring some bread; get well soon; the baby is asleep; your
    jacket is still at our place; I'll be in the office all day; the heating works again""",
)
VOICEMAIL = called(code("voicemail id", "VM-####"), "voicemail {}")
# Kinds of their own: nobody asks for the number of the owner of a number.
UNKNOWN, OWNER = replace(PHONE, name="unknown number"), replace(PERSON, name="owner of a number")
LABEL = choice("number label", {"mobile": "mobile", "landline": "home", "office": "work"})
ROUTE = choice("message route", {"by SMS": "sms", "over the chat app": "chat"})
RECEIPT = choice("read receipt", {"with a read receipt": True, "without a read receipt": False})
CALLS = choice("direction of a call", {"incoming calls": "incoming", "outgoing calls": "outgoing"})
SPAM = choice("spam report", {"and report it as spam": True, "without reporting it": False})
WEEKDAY = choice(
    "weekday abbreviation",
    {
        "Mondays": "mon",
        "Tuesdays": "tue",
        "Wednesdays": "wed",
        "Thursdays": "thu",
        "Fridays": "fri",
        "Saturdays": "sat",
        "Sundays": "sun",
    },
)


WORLD = World(
    "phone",
    [
        WorldTool(
            "send_text_message",
            "Send a written message to one person at once.",
            needs={
                "recipient": PERSON.means("full name of the person who gets the message"),
                "text": MESSAGE.means("the words of the message, without quotation marks"),
            },
            takes={
                "route": ROUTE.means("how the message travels", default="sms"),
                "read_receipt": RECEIPT.means(
                    "whether to be told when the message is read", default=False
                ),
            },
            say=[
                'text {recipient} "{text}"',
                'send {recipient} a message saying "{text}"',
                'shoot a quick message to {recipient} that reads "{text}"',
                'Write to {recipient} right now: "{text}".',
                'I want {recipient} to get this message now: "{text}".',
            ],
            add={"route": ["{route}"], "read_receipt": ["{read_receipt}"]},
            vague=["text {recipient}", 'send a message saying "{text}"'],
            like=["schedule_text_message"],
        ),
        WorldTool(
            "schedule_text_message",
            "Have a written message to one person go out by itself at a later date and time.",
            needs={
                "recipient": PERSON.means("full name of the person who will get the message"),
                "text": MESSAGE.means(
                    "the words of the message to be sent later, without quotation marks"
                ),
                "date": DATE.means("the day on which the message goes out"),
                "time": TIME.means("the time of day at which the message goes out, HH:MM"),
            },
            say=[
                'text {recipient} "{text}" on {date} at {time}',
                'schedule a message to {recipient} for {date} at {time} that says "{text}"',
                'line up the message "{text}" for {recipient} to go out on {date} at {time}',
                'On {date} at {time}, {recipient} should get a message from me: "{text}".',
            ],
            vague=[
                'schedule a message to {recipient} that says "{text}"',
                "line up a message for {recipient} to go out on {date} at {time}",
            ],
            like=["send_text_message"],
        ),
        WorldTool(
            "get_last_call",
            "Show when the last call with a person took place and how long it was.",
            needs={"person": PERSON.means("full name of the person at the other end of the call")},
            takes={"kind": CALLS.means("which calls count; both if left out")},
            say=[
                "look up my last call with {person}",
                "check when and for how long {person} and I last talked on the phone",
                "get the details of the last phone call between {person} and me",
                "When did I last speak with {person} on the phone, and how long did it take?",
            ],
            add={"kind": ["looking at {kind} only", "counting {kind} only"]},
            vague=["check when we last talked on the phone", "How long was my last call with her?"],
            gives={
                "date": Result(DATE, ["the day of my last call with {person}"]),
                "duration": Result(
                    MINUTES, ["the length of my last call with {person} in minutes"]
                ),
            },
            like=["find_last_voicemail", "look_up_phone_number"],
        ),
        WorldTool(
            "look_up_phone_number",
            "Find the telephone number saved for a person in the address book.",
            needs={"person": PERSON.means("full name of the person whose number is wanted")},
            takes={"label": LABEL.means("which of the numbers of that person", default="mobile")},
            say=[
                "look up the phone number of {person}",
                "find the number I have saved for {person}",
                "dig out the telephone number of {person}",
                "What is the phone number of {person}?",
                "Under which number can I reach {person}?",
            ],
            add={"label": ["and take the {label} one", "in particular the {label} one"]},
            vague=["look up a phone number in my contacts for me", "What is her phone number?"],
            gives={
                "number": Result(
                    PHONE, ["the phone number of {person}", "the number I saved for {person}"]
                )
            },
            like=["look_up_email_address", "change_phone_number"],
        ),
        WorldTool(
            "identify_number",
            "Find the person in the address book to whom a telephone number belongs.",
            needs={"number": UNKNOWN.means("the telephone number whose owner is wanted")},
            say=[
                "find out whose number {number} is",
                "identify the person behind {number}",
                "check who in my contacts has the number {number}",
                "Who does {number} belong to?",
            ],
            vague=["find out whose number that is", "Who does this phone number belong to?"],
            gives={
                "person": Result(
                    OWNER, ["the owner of {number}", "the person to whom {number} belongs"]
                )
            },
            like=["look_up_phone_number", "block_number"],
        ),
        WorldTool(
            "look_up_email_address",
            "Find the e-mail address saved for a person in the address book.",
            needs={
                "contact": PERSON.means("full name of the person whose e-mail address is wanted")
            },
            say=[
                "look up the email address of {contact}",
                "find out which email address I saved for {contact}",
                "get me the email address of {contact} from my contacts",
                "What is the email address of {contact}?",
            ],
            vague=["find an email address in my contacts", "What is his email address?"],
            gives={
                "address": Result(
                    EMAIL,
                    ["the email address of {contact}", "the email address saved for {contact}"],
                )
            },
            like=["look_up_phone_number"],
        ),
        WorldTool(
            "change_phone_number",
            "Replace the telephone number of a person who is already in the address book.",
            needs={
                "person": PERSON.means("full name of the contact to change"),
                "new_number": PHONE.means("the telephone number that replaces the old one"),
            },
            takes={
                "label": LABEL.means(
                    "which of the numbers of the contact is replaced", default="mobile"
                )
            },
            say=[
                "change the number of {person} to {new_number}",
                "replace the old number I have for {person} with {new_number}",
                "update the contact {person} with the new number {new_number}",
                "The number of {person} has changed, it is now {new_number}.",
            ],
            add={
                "label": ["and file it as the {label} number", "and save it as the {label} number"]
            },
            vague=[
                "change the number of {person}",
                "Update the contact {person}, there is a new number.",
            ],
            like=["look_up_phone_number"],
        ),
        WorldTool(
            "block_number",
            "Refuse all calls and messages from a telephone number for good.",
            needs={"number": PHONE.means("the telephone number to shut out")},
            takes={
                "report_spam": SPAM.means("whether to report the number as spam too", default=False)
            },
            say=[
                "block {number}",
                "stop any more calls from {number}",
                "put {number} on my block list",
                "I never want to hear from {number} again.",
            ],
            add={"report_spam": ["{report_spam}"]},
            vague=["block that number for me", "I never want to get calls from this number again."],
            like=["start_do_not_disturb"],
        ),
        WorldTool(
            "open_voicemail",
            "Show who left a voicemail, and from which number.",
            needs={"voicemail_id": VOICEMAIL.means("identifier of the voicemail")},
            say=[
                "open {voicemail_id}",
                "show me the details of {voicemail_id}",
                "check who left {voicemail_id} and from which number",
                "Who is {voicemail_id} from?",
            ],
            vague=["show me the details of a voicemail", "Who left that voicemail?"],
            gives={
                "caller": Result(PERSON, ["the person who left {voicemail_id}"]),
                "number": Result(PHONE, ["the phone number behind {voicemail_id}"]),
            },
            like=["find_last_voicemail", "delete_voicemails"],
        ),
        WorldTool(
            "find_last_voicemail",
            "Find the identifier of the last voicemail that was left on a day.",
            needs={"date": DATE.means("the day on which the voicemail was left")},
            takes={"caller": PERSON.means("only voicemails of this person, by full name")},
            say=[
                "find the last voicemail of {date}",
                "get the id of the last voicemail left on {date}",
                "search for the last voicemail that came in on {date}",
                "Which voicemail was the last one on {date}?",
            ],
            add={"caller": ["from {caller}", "counting only those from {caller}"]},
            vague=[
                "find the last voicemail of a certain day",
                "Which voicemail came in last that day?",
            ],
            gives={
                "voicemail_id": Result(
                    VOICEMAIL, ["the last voicemail of {date}", "the last voicemail left on {date}"]
                )
            },
            like=["open_voicemail", "get_last_call"],
        ),
        WorldTool(
            "delete_voicemails",
            "Erase one or several voicemails.",
            needs={
                "voicemail_ids": many(VOICEMAIL, 1, 3).means(
                    "identifiers of the voicemails to erase"
                )
            },
            say=[
                "delete {voicemail_ids}",
                "erase {voicemail_ids} for good",
                "clear {voicemail_ids} out of the mailbox",
                "I no longer need {voicemail_ids} in my mailbox.",
            ],
            vague=[
                "delete some voicemails",
                "I no longer need one of my voicemails, get rid of it.",
            ],
            like=["open_voicemail"],
        ),
        WorldTool(
            "start_do_not_disturb",
            "Silence the phone from now on for some minutes.",
            needs={"duration": MINUTES.means("how long to stay silent, in minutes")},
            takes={
                "allow": many(PERSON, 1, 2).means("full names of people whose calls still ring")
            },
            say=[
                "silence my phone for {duration}",
                "switch on do not disturb for {duration}",
                "keep the phone quiet for {duration}",
                "I don't want to be disturbed for {duration}.",
            ],
            add={"allow": ["but let {allow} through", "with an exception for {allow}"]},
            vague=[
                "silence my phone for a certain time only",
                "turn on do not disturb, but not for ever",
            ],
            like=["set_quiet_hours"],
        ),
        WorldTool(
            "set_quiet_hours",
            "Keep the phone silent between two times of day, week after week.",
            needs={
                "start": TIME.means("time of day at which silence begins, HH:MM"),
                "end": TIME.means("time of day at which silence ends, HH:MM"),
            },
            takes={
                "days": many(WEEKDAY, 1, 3).means(
                    "only on these days of the week; every day if left out"
                )
            },
            say=[
                "set quiet hours from {start} to {end}",
                "make my phone stay silent between {start} and {end} as a rule",
                "set up regular do not disturb hours that begin at {start} and end at {end}",
                "My quiet hours should run from {start} until {end}.",
            ],
            add={"days": ["on {days}", "on {days} only"]},
            vague=["set quiet hours starting at {start}", "set up regular quiet hours on my phone"],
            like=["start_do_not_disturb"],
        ),
    ],
    idle=[
        "Which phone takes the best pictures?",
        "Why does my battery drain so fast?",
        "Who invented the text message?",
        "Put a crack-proof screen on my phone.",
        "Is it rude to leave somebody on read?",
        "What does the green dot at the top of my screen mean?",
        "Teach me to type with two thumbs.",
        "Change my ringtone to something with bells.",
        "I miss phones with buttons.",
        "How much radiation does a phone give off?",
    ],
)
