"""The calendar: meetings, reminders, birthdays and reckoning with dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import choice, code, many, text
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import DATE, EMAIL, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

TITLE = text(
    "meeting title",
    """budget review; sprint planning; sales call; job interview; design workshop; safety briefing;
    parents' evening; contract talks; team breakfast; kick-off; product demo; retrospective; tax
    consultation; board session; press briefing; strategy day; site visit; code review; appraisal;
    training session; hand-over; status update""",
)
CHORE = text(
    "reminder text",
    """water the plants; renew the passport; pay the rent; pick up the dry cleaning; take out the
    recycling; order printer paper; call the insurance; change the bed sheets; return the library
    books; buy a birthday card; feed the fish; book the dentist; check the tyre pressure; submit the
    timesheet; defrost the freezer; cancel the gym membership; take the vitamins; charge the camera;
    clean the gutters; sign the school form""",
)
ACTIVITY = text(
    "weekly activity",
    """yoga class; piano lesson; band practice; swimming; language course; team lunch; pottery
    class; football training; choir rehearsal; dance class; study group; poker night; running club;
    chess evening; stand-up""",
)
MEETING = called(code("meeting id", "MTG-####"), "meeting {}")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY = choice("weekday", {day.capitalize(): day for day in WEEKDAYS})
DAYS = measured("days", 2, 120, "days")
DIRECTION = choice("direction in time", {"forward": "forward", "ahead": "forward", "back": "back"})
REPEAT = choice(
    "repetition", {"every day": "daily", "every week": "weekly", "every month": "monthly"}
)
VIDEO = choice("video link", {"with a video link": True, "without a video link": False})
NOTICE = choice(
    "cancellation notice", {"and let everybody know": True, "without letting anybody know": False}
)
PAST = choice("past meetings", {"even if it is over": True, "unless it is over": False})
PLACE = choice("place of a meeting", {"on site": "on_site", "by video": "remote"})
ROLE = choice("attendance", {"as an optional guest": "optional", "as a required guest": "required"})


def _days_between(arguments: Mapping[str, Any]) -> dict[str, Any]:
    first, last = (date.fromisoformat(arguments[end]) for end in ("first_date", "last_date"))
    return {"days": abs((last - first).days)}


def _shift(arguments: Mapping[str, Any]) -> dict[str, Any]:
    days = arguments["days"] if arguments["direction"] == "forward" else -arguments["days"]
    return {"date": (date.fromisoformat(arguments["date"]) + timedelta(days=days)).isoformat()}


def _weekday(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"weekday": WEEKDAYS[date.fromisoformat(arguments["date"]).weekday()]}


WORLD = World(
    "calendar",
    [
        WorldTool(
            "schedule_meeting",
            "Put a single meeting with other people on the calendar.",
            needs={
                "title": TITLE.means("what the meeting is called, without quotation marks"),
                "attendees": many(PERSON, 1, 3).means("full names of the people who take part"),
                "date": DATE.means("the day of the meeting"),
                "start": TIME.means("when the meeting begins, HH:MM"),
            },
            takes={
                "duration": MINUTES.means("how many minutes the meeting takes", default=60),
                "video": VIDEO.means("whether people can take part by video", default=False),
            },
            say=[
                'schedule a meeting called "{title}" with {attendees} on {date} at {start}',
                'put "{title}" with {attendees} on my calendar for {date} at {start}',
                'set up "{title}" with {attendees}, to be held on {date} at {start}',
                'I\'m meeting {attendees} on {date} at {start}, enter it as "{title}".',
            ],
            add={"duration": ["lasting {duration}", "for {duration}"], "video": ["{video}"]},
            vague=[
                'schedule a meeting called "{title}" with {attendees} on {date}',
                'set up "{title}" with some colleagues on {date} at {start}',
            ],
            like=["schedule_weekly_activity", "move_meeting"],
        ),
        WorldTool(
            "find_meeting",
            "Find the identifier of a meeting on the calendar by its title and somebody who takes part.",
            needs={
                "title": TITLE.means("title of the meeting wanted"),
                "participant": PERSON.means(
                    "full name of somebody who takes part in the meeting wanted"
                ),
            },
            takes={
                "include_past": PAST.means("whether meetings that are over count", default=False)
            },
            say=[
                'find the meeting called "{title}" with {participant}',
                'get the id of the meeting "{title}" that I have with {participant}',
                'search my calendar for the meeting "{title}" with {participant}',
                'Which id does the meeting "{title}" with {participant} have?',
            ],
            add={"include_past": ["{include_past}"]},
            vague=[
                'find the meeting called "{title}"',
                "get me the id of a meeting with {participant}",
            ],
            gives={"meeting_id": Result(MEETING, ['the "{title}" meeting with {participant}'])},
            like=["get_meeting_details", "find_free_slot"],
        ),
        WorldTool(
            "get_meeting_details",
            "Show the organizer, the day, the beginning and the length of a meeting on the calendar.",
            needs={"meeting_id": MEETING.means("identifier of the meeting to look at")},
            say=[
                "show me the details of {meeting_id}",
                "look up {meeting_id} in the calendar",
                "check when {meeting_id} takes place and who called it",
                "When is {meeting_id}, and whose idea was it?",
            ],
            vague=["show me the details of a meeting", "check who called that meeting"],
            gives={
                "organizer": Result(
                    PERSON, ["the organizer of {meeting_id}", "the person who called {meeting_id}"]
                ),
                "date": Result(DATE, ["the day of {meeting_id}", "the date of {meeting_id}"]),
                "start": Result(TIME, ["the time at which {meeting_id} begins"]),
                "duration": Result(MINUTES, ["the length of {meeting_id} in minutes"]),
            },
            like=["find_free_slot", "move_meeting"],
        ),
        WorldTool(
            "cancel_meeting",
            "Call off a meeting and take it off the calendar.",
            needs={"meeting_id": MEETING.means("identifier of the meeting to call off")},
            takes={"notify": NOTICE.means("whether the people invited are told", default=True)},
            say=[
                "cancel {meeting_id}",
                "call off {meeting_id}",
                "take {meeting_id} off my calendar",
                "As {meeting_id} won't happen after all, have it removed.",
            ],
            add={"notify": ["{notify}"]},
            vague=["cancel one of my meetings", "call off that meeting"],
            like=["move_meeting"],
        ),
        WorldTool(
            "move_meeting",
            "Give a meeting that is already on the calendar a new day and beginning.",
            needs={
                "meeting_id": MEETING.means(
                    "identifier of the meeting to put off or bring forward"
                ),
                "date": DATE.means("the new day"),
                "start": TIME.means("the new beginning, HH:MM"),
            },
            say=[
                "move {meeting_id} to {date} at {start}",
                "reschedule {meeting_id} for {date} with a start at {start}",
                "shift {meeting_id} to {date} and let it begin at {start}",
                "I can't make {meeting_id}, have it moved to {date} at {start}.",
            ],
            vague=[
                "move {meeting_id} to another day",
                "reschedule a meeting for {date} with a start at {start}",
            ],
            like=["cancel_meeting", "schedule_meeting"],
        ),
        WorldTool(
            "invite_to_meeting",
            "Invite a further person by e-mail to a meeting that is already on the calendar.",
            needs={
                "meeting_id": MEETING.means("identifier of the meeting that gets a further guest"),
                "email": EMAIL.means("e-mail address of the person invited"),
            },
            takes={
                "role": ROLE.means("how important it is that the guest comes", default="required")
            },
            say=[
                "invite {email} to {meeting_id}",
                "add {email} to the guests of {meeting_id}",
                "send {email} an invitation to {meeting_id}",
                "I'd like {email} to be invited to {meeting_id}.",
            ],
            add={"role": ["{role}"]},
            vague=[
                "invite someone else to {meeting_id}",
                "send {email} an invitation to a meeting",
            ],
            like=["schedule_meeting"],
        ),
        WorldTool(
            "find_free_slot",
            "Find when a person has time on a day.",
            needs={
                "person": PERSON.means("full name of the person whose calendar is searched"),
                "date": DATE.means("the day to search"),
                "duration": MINUTES.means("how many free minutes are needed"),
            },
            takes={"place": PLACE.means("whether the person must be on site", default="on_site")},
            say=[
                "find a gap of {duration} in the calendar of {person} on {date}",
                "see when {person} has {duration} free on {date}",
                "search the calendar of {person} on {date} for a free slot of {duration}",
                "When could {person} spare {duration} on {date}?",
            ],
            add={"place": ["for a meeting {place}", "to meet {place}"]},
            vague=["find a gap of {duration} on {date}", "see when {person} has {duration} free"],
            gives={
                "start": Result(
                    TIME,
                    ["the time at which {person} has {duration} free on {date}"],
                )
            },
            like=["get_meeting_details"],
        ),
        WorldTool(
            "add_reminder",
            "Remind the user of something at a date and time.",
            needs={
                "what": CHORE.means("what to be reminded of, an imperative without to"),
                "date": DATE.means("the day of the reminder"),
                "time": TIME.means("when the reminder goes off, HH:MM"),
            },
            takes={
                "repeat": REPEAT.means("how often the reminder comes back; once only if left out")
            },
            say=[
                "remind me to {what} on {date} at {time}",
                "set a reminder to {what} for {date} at {time}",
                "make sure I don't forget to {what} on {date} at {time}",
                "On {date} at {time} I must {what}, remind me.",
            ],
            add={"repeat": ["and again {repeat} after that", "and {repeat} from then on"]},
            vague=["remind me to {what} on {date}", "set a reminder for {date} at {time}"],
            like=["schedule_weekly_activity", "schedule_meeting"],
        ),
        WorldTool(
            "schedule_weekly_activity",
            "Block the same time of the same day of the week, every week, for an activity.",
            needs={
                "activity": ACTIVITY.means("what is done every week"),
                "weekday": WEEKDAY.means("the day of the week"),
                "start": TIME.means("when it begins, HH:MM"),
            },
            takes={"last_date": DATE.means("the day after which it ends; never if left out")},
            say=[
                'make "{activity}" a weekly appointment on {weekday} at {start}',
                'put "{activity}" down for each week on {weekday} at {start}',
                'reserve {weekday} at {start} for "{activity}" each week',
                'Each week on {weekday} at {start} I have "{activity}", put it in.',
            ],
            add={"last_date": ["until {last_date}", "up to {last_date}"]},
            vague=[
                'make "{activity}" a weekly appointment at {start}',
                "reserve {weekday} at {start} each week for something",
            ],
            like=["schedule_meeting", "add_reminder"],
        ),
        WorldTool(
            "get_next_birthday",
            "Find the date of a person's next birthday.",
            needs={"person": PERSON.means("full name of the person who has the birthday")},
            say=[
                "find out when {person} has a birthday next",
                "look up the next birthday of {person}",
                "see in my calendar when {person} celebrates the next birthday",
                "When is the next birthday of {person}?",
            ],
            vague=["look up a birthday for me", "When is her birthday?"],
            gives={
                "date": Result(
                    DATE,
                    ["the next birthday of {person}", "the date of the next birthday of {person}"],
                )
            },
            like=["get_meeting_details"],
        ),
        WorldTool(
            "count_days_between",
            "Count the days from one date to another.",
            needs={
                "first_date": DATE.means("the date named first"),
                "last_date": DATE.means("the date named last"),
            },
            say=[
                "count the days between {first_date} and {last_date}",
                "work out how many days lie between {first_date} and {last_date}",
                "tell me the number of days from {first_date} to {last_date}",
                "How many days is it from {first_date} to {last_date}?",
            ],
            vague=[
                "count the days until {last_date} from some other date",
                "How many days lie between those two dates?",
            ],
            gives={
                "days": Result(
                    DAYS,
                    [
                        "the number of days between {first_date} and {last_date}",
                        "the days from {first_date} to {last_date}",
                    ],
                )
            },
            run=_days_between,
            like=["shift_date", "get_weekday"],
        ),
        WorldTool(
            "shift_date",
            "Find the date that lies some days before or after another date.",
            needs={
                "date": DATE.means("the date to start from"),
                "days": DAYS.means("how many days away"),
                "direction": DIRECTION.means("forward is later, back is earlier"),
            },
            say=[
                "go {direction} {days} from {date} and tell me the date",
                "find the date that you reach when you go {direction} {days} from {date}",
                "start from {date}, count {direction} {days} and give me the date",
                "Which date is it if I go {direction} {days} from {date}?",
            ],
            vague=[
                "find the date {days} away from {date}",
                "Which date is it if I go {direction} {days}?",
            ],
            gives={
                "date": Result(
                    DATE, ["the date you reach when you go {direction} {days} from {date}"]
                )
            },
            run=_shift,
            like=["count_days_between"],
        ),
        WorldTool(
            "get_weekday",
            "Tell on which day of the week a date falls.",
            needs={"date": DATE.means("the date to look at")},
            say=[
                "find out which day of the week {date} is",
                "tell me the weekday of {date}",
                "check on which weekday {date} falls",
                "What day of the week is {date}?",
                "Is {date} a Monday, a Tuesday, or what?",
            ],
            vague=["tell me the weekday of a date", "On which day of the week does it fall?"],
            gives={
                "weekday": Result(
                    WEEKDAY, ["the weekday of {date}", "the day of the week on which {date} falls"]
                )
            },
            run=_weekday,
            like=["count_days_between"],
        ),
    ],
    idle=[
        "Who decided that a week has seven days?",
        "Why does February have only 28 days?",
        "What is the best way to say no to a meeting?",
        "Write the minutes of yesterday's meeting.",
        "Which calendar did the Romans use?",
        "Make Mondays shorter.",
        "How do I stop putting things off?",
        "Print my whole year on one page.",
        "Is a leap second ever taken away?",
        "Give me three ideas for an icebreaker game.",
    ],
)
