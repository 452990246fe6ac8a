"""A school: classes, lessons, marks and absences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.draw import Draw, Pool, Value
from rlcall.tasks.kinds import Kind, choice, integer, many, record, text, word
from rlcall.tasks.measures import differing, figure, measured
from rlcall.tasks.shared_kinds import DATE, EMAIL, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

_PUPIL_FORM = "first and last name of the pupil"
_SUBJECT_CODES = "MAT maths, BIO biology, HIS history, GEO geography, PHY physics, CHE chemistry"
_CLASS_FORM = "year and letter of the class, as in 7B"

# kinds of their own, so that no pupil stands in for a teacher
PUPIL = Kind("pupil", PERSON.schema, PERSON.draw)
TEACHER = Kind("teacher", PERSON.schema, PERSON.draw)
_CLASSES = Pool([f"{year}{letter}" for year in range(5, 13) for letter in "ABCD"])
CLASS = called(word("school class", _CLASSES, pattern="^[0-9]{1,2}[A-D]$"), "class {}")
SUBJECT = choice(
    "school subject",
    {
        "maths": "MAT",
        "biology": "BIO",
        "history": "HIS",
        "geography": "GEO",
        "physics": "PHY",
        "chemistry": "CHE",
    },
)
HEADS = measured("head count", 14, 33, "pupils", "children")
POINTS = figure("test points", 8, 40)
MARK = called(figure("school mark", 4, 20, schema={"minimum": 0, "maximum": 20}), "a mark of {}")
MISSED = measured("missed lessons", 3, 60, "missed lessons", "lessons missed")
PERIOD = choice(
    "period", {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}
)
REASON = choice(
    "reason of absence",
    {
        "illness": "ILL",
        "a medical appointment": "MED",
        "a family event": "FAM",
        "a sports competition": "SPO",
    },
)
TERM = choice("term", {"autumn term": "T1", "spring term": "T2", "summer term": "T3"})
WORK = choice(
    "marked work", {"a written test": "TEST", "work in class": "ORAL", "a group project": "PROJ"}
)
EXAM_MINUTES = Kind("exam length", MINUTES.schema, MINUTES.draw)
TASK = text(
    "homework task",
    """Finish the worksheet; Read chapter four; Learn the new terms by heart; Answer questions 3 to
    8; Write a one-page summary; Correct the last test; Prepare a short talk; Label the diagram on
    page 52""",
)
DESK = integer("desk", 1, 30).means("number of the desk")
SEAT = record("seat", "{pupil} at desk {desk}", pupil=PUPIL.means(_PUPIL_FORM), desk=DESK)
GROUPS = figure("groups", 3, 17)
ATTENDANCE = figure("attendance", 80, 100, places=1)


def _draw_school_time(draw: Draw) -> Value:
    value = TIME.draw(draw)
    return value if "08:00" <= value.value <= "14:00" else _draw_school_time(draw)


SCHOOL_TIME = Kind("school time", TIME.schema, _draw_school_time)


def _groups(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"groups": ceil(arguments["pupils"] / arguments["per_group"])}


def _mark(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Add bonus points, which may not lift a mark above the highest."""
    return {
        "mark": min(
            20, round(20 * (arguments["points"] + arguments["bonus"]) / arguments["maximum"])
        )
    }


def _attendance(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"percent": round(max(0, 100 - 100 * arguments["missed"] / arguments["held"]), 1)}


def _exam_end(arguments: Mapping[str, Any]) -> dict[str, Any]:
    minutes = ceil(arguments["minutes"] * (100 + arguments["extra"]) / 100)
    return {
        "end": (
            datetime.strptime(arguments["start"], "%H:%M") + timedelta(minutes=minutes)
        ).strftime("%H:%M")
    }


WORLD = World(
    "school",
    [
        WorldTool(
            "class_of_pupil",
            "Look up which class a pupil is in.",
            needs={"pupil": PUPIL.means(_PUPIL_FORM)},
            say=[
                "look up the class of pupil {pupil}",
                "find out which class {pupil} is in",
                "Which class at our school does {pupil} go to?",
            ],
            vague=["look up the class of that pupil", "Which class is my niece in?"],
            gives={
                "group": Result(CLASS, ["the class that {pupil} is in", "the class of {pupil}"])
            },
            like=["class_size", "form_teacher"],
        ),
        WorldTool(
            "form_teacher",
            "Look up the form teacher, who looks after a class as a whole.",
            needs={"group": CLASS.means(_CLASS_FORM)},
            say=[
                "name the form teacher of {group}",
                "tell me who looks after {group} as its form teacher",
                "Who has been made form teacher of {group}?",
            ],
            vague=[
                "name the form teacher of one class",
                "Who looks after my son's class as its form teacher?",
            ],
            gives={
                "teacher": Result(
                    TEACHER,
                    ["the form teacher of {group}", "whoever is the form teacher of {group}"],
                )
            },
            like=["subject_teacher", "class_of_pupil"],
        ),
        WorldTool(
            "subject_teacher",
            "Look up who teaches a class in one subject.",
            needs={"group": CLASS.means(_CLASS_FORM), "subject": SUBJECT.means(_SUBJECT_CODES)},
            say=[
                "look up who teaches {subject} to {group}",
                "give me the name of the {subject} teacher that {group} has",
                "From whom does {group} learn {subject}?",
            ],
            vague=[
                "look up who teaches {subject} this year",
                "From whom does {group} learn that subject?",
            ],
            gives={
                "teacher": Result(
                    TEACHER,
                    ["the {subject} teacher of {group}", "whoever teaches {subject} to {group}"],
                )
            },
            like=["form_teacher", "next_test"],
        ),
        WorldTool(
            "class_size",
            "Count the pupils of a class.",
            needs={"group": CLASS.means(_CLASS_FORM)},
            say=[
                "count the pupils of {group}",
                "check the head count of {group}",
                "How many children are there in {group}?",
            ],
            vague=[
                "count the pupils of a class",
                "How many children are there in my daughter's class?",
            ],
            gives={
                "pupils": Result(
                    HEADS, ["the number of pupils in {group}", "the head count of {group}"]
                )
            },
            like=["project_groups", "class_of_pupil"],
        ),
        WorldTool(
            "project_groups",
            "Work out how many groups it takes to divide pupils when no group may be larger than a given size.",
            needs={
                "pupils": HEADS.means("how many pupils there are"),
                "per_group": integer("group size", 2, 6).means("most pupils in one group"),
            },
            say=[
                "work out how many groups of at most {per_group} are needed for {pupils}",
                "find the number of project teams for {pupils} with no more than {per_group} in each",
                "If no group may be larger than {per_group}, how many groups does it take for {pupils}?",
            ],
            vague=[
                "work out how many groups are needed for {pupils}",
                "How many groups of at most {per_group} is that?",
            ],
            gives={
                "groups": Result(
                    GROUPS, ["the number of groups of at most {per_group} for {pupils}"]
                )
            },
            run=_groups,
            like=["class_size", "assign_desks"],
        ),
        WorldTool(
            "assign_desks",
            "Change the seating plan of a class: which pupil sits at which desk.",
            needs={
                "group": CLASS.means(_CLASS_FORM),
                "seats": differing(differing(many(SEAT, 2, 3), "pupil"), "desk").means(
                    "the pupils with their desks"
                ),
                "from_day": DATE.means("first day of the new plan"),
            },
            say=[
                "seat {seats} in the room of {group} as of {from_day}",
                "have a new seating plan for {group} begin on {from_day} with {seats}",
                "As of {from_day} I want {seats} in the room of {group}.",
            ],
            vague=[
                "have a new seating plan for {group} begin on {from_day}",
                "seat some pupils elsewhere in the room of {group}",
            ],
            like=["project_groups"],
        ),
        WorldTool(
            "next_test",
            "Look up the day and the time of the next test of a class in a subject.",
            needs={"group": CLASS.means(_CLASS_FORM), "subject": SUBJECT.means(_SUBJECT_CODES)},
            say=[
                "see when {group} sits its next {subject} test",
                "get the date and hour of the next {subject} test in {group}",
                "When will {group} be tested in {subject} next?",
            ],
            vague=["see when the next {subject} test is", "When will {group} be tested next?"],
            gives={
                "day": Result(DATE, ["the day of the next {subject} test in {group}"]),
                "start": Result(
                    SCHOOL_TIME, ["the starting time of the next {subject} test in {group}"]
                ),
            },
            like=["exam_finish", "set_homework"],
        ),
        WorldTool(
            "exam_finish",
            "Work out the time of day at which an exam is over.",
            needs={
                "start": SCHOOL_TIME.means("when it begins, HH:MM"),
                "minutes": EXAM_MINUTES.means("its normal length in minutes"),
            },
            takes={
                "extra": integer("extra time", 10, 50, 5).means(
                    "percent by which the normal length is extended", default=0, minimum=0
                )
            },
            say=[
                "work out when the pupils finish an exam set for {start} with a normal length of {minutes}",
                "name the finishing time of an exam scheduled for {minutes} that begins at {start}",
                "An exam begins at {start} and is meant to last {minutes}, so when do the pupils hand it in?",
            ],
            add={
                "extra": [
                    "allowing {extra} percent extra time",
                    "given an extension of {extra} percent",
                ]
            },
            vague=[
                "work out when the pupils finish an exam set for {start}",
                "When is an exam of {minutes} over?",
            ],
            gives={
                "end": Result(
                    SCHOOL_TIME, ["the end of an exam of {minutes} that starts at {start}"]
                )
            },
            run=_exam_end,
            like=["next_test"],
        ),
        WorldTool(
            "points_to_mark",
            "Turn the points reached in a test into a mark from 0 to 20.",
            needs={
                "points": POINTS.means("points that were reached"),
                "maximum": integer("full points", 40, 100, 5).means("points that could be reached"),
            },
            takes={
                "bonus": integer("bonus points", 2, 5).means(
                    "points given on top of those", default=0, minimum=0
                )
            },
            say=[
                "turn {points} out of {maximum} points into a mark",
                "see what mark {points} of {maximum} possible points come to",
                "What mark does a test with {points} out of {maximum} points deserve?",
            ],
            add={
                "bonus": [
                    "counting {bonus} bonus points on top",
                    "if one adds {bonus} bonus points",
                ]
            },
            vague=[
                "turn {points} points into a mark",
                "What mark does a test marked out of {maximum} points deserve?",
            ],
            gives={"mark": Result(MARK, ["the mark for {points} out of {maximum} points"])},
            run=_mark,
            like=["enter_mark"],
        ),
        WorldTool(
            "enter_mark",
            "Enter a mark of a pupil into the mark book.",
            needs={
                "pupil": PUPIL.means(_PUPIL_FORM),
                "subject": SUBJECT.means(_SUBJECT_CODES),
                "mark": MARK.means("mark from 0 to 20"),
            },
            takes={
                "work": WORK.means("TEST written test, ORAL work in class, PROJ group project"),
                "double": choice("double", {"double": True, "just once": False}).means(
                    "whether it counts twice", default=False
                ),
            },
            say=[
                "credit {pupil} with {mark} in {subject}",
                "enter {mark} in {subject} for {pupil}",
                "The mark book still lacks {mark} in {subject} for {pupil}, so put it in.",
            ],
            add={"work": ["as the result of {work}"], "double": ["and have it count {double}"]},
            vague=["enter {mark} in {subject}", "credit {pupil} with a mark in {subject}"],
            like=["points_to_mark"],
        ),
        WorldTool(
            "set_homework",
            "Give a class homework in a subject that is due on a day.",
            needs={
                "group": CLASS.means(_CLASS_FORM),
                "subject": SUBJECT.means(_SUBJECT_CODES),
                "task": TASK.means("what is to be done, as it stands in the quotes"),
                "due": DATE.means("day by which it must be done"),
            },
            takes={
                "minutes": MINUTES.means("how many minutes it should take"),
                "in_pairs": choice(
                    "in pairs", {"in pairs": True, "by each pupil alone": False}
                ).means("whether two pupils do it together", default=False),
            },
            say=[
                'give {group} "{task}" as {subject} homework due on {due}',
                'note down "{task}" as the homework of {group} in {subject} for {due}',
                'By {due} I want {group} to have this done as {subject} homework: "{task}".',
            ],
            add={
                "minutes": ["with {minutes} planned for it"],
                "in_pairs": ["to be done {in_pairs}"],
            },
            vague=[
                "give {group} some {subject} homework due on {due}",
                'note down "{task}" as {subject} homework',
            ],
            like=["next_test"],
        ),
        WorldTool(
            "report_absence",
            "Tell the school office that a pupil will be away on a day.",
            needs={
                "pupil": PUPIL.means(_PUPIL_FORM),
                "day": DATE.means("day of the absence"),
                "reason": REASON.means(
                    "ILL illness, MED medical appointment, FAM family event, SPO sports competition"
                ),
            },
            takes={
                "periods": many(PERIOD, 2, 3).means(
                    "lessons missed that day, 1 for the first; all if left out"
                ),
                "copy_to": EMAIL.means("address that gets a copy of the report"),
            },
            say=[
                "report pupil {pupil} absent on {day} because of {reason}",
                "let the school office know that {pupil} will be away from class on {day} owing to {reason}",
                "Owing to {reason}, {pupil} cannot come to class on {day}.",
            ],
            add={
                "periods": ["for the {periods} lessons only"],
                "copy_to": ["and send a copy of that to {copy_to}"],
            },
            vague=[
                "report pupil {pupil} absent on {day}",
                "Owing to {reason}, a pupil cannot come to class on {day}.",
            ],
            like=["missed_lessons", "arrange_cover"],
        ),
        WorldTool(
            "missed_lessons",
            "Count the lessons that a pupil has missed in a term.",
            needs={
                "pupil": PUPIL.means(_PUPIL_FORM),
                "term": TERM.means("T1 autumn, T2 spring, T3 summer"),
            },
            takes={
                "excuse": choice(
                    "excuse", {"with an excuse": "excused", "without an excuse": "unexcused"}
                ).means("count these only, all if left out")
            },
            say=[
                "count the lessons that {pupil} missed in the {term}",
                "check how many lessons {pupil} did not attend in the {term}",
                "In the {term}, how many lessons took place without {pupil}?",
            ],
            add={"excuse": ["{excuse}"]},
            vague=[
                "count the lessons that {pupil} missed",
                "How many lessons were missed in the {term}?",
            ],
            gives={
                "missed": Result(
                    MISSED, ["the number of lessons that {pupil} missed in the {term}"]
                )
            },
            like=["attendance_rate", "report_absence"],
        ),
        WorldTool(
            "attendance_rate",
            "Work out in percent how many of the lessons held were attended.",
            needs={
                "missed": MISSED.means("lessons that were missed"),
                "held": integer("lessons held", 120, 400, 10).means("lessons held in all"),
            },
            say=[
                "calculate the attendance rate from {missed} and a total of {held} lessons",
                "derive the attendance in percent, given {missed} and {held} lessons in total",
                "With {missed} and {held} lessons in total, how high is the attendance rate?",
            ],
            vague=[
                "calculate the attendance rate from {missed}",
                "How high is the attendance in {held} lessons?",
            ],
            gives={
                "percent": Result(
                    ATTENDANCE,
                    ["the attendance rate in percent with {missed} and {held} lessons in total"],
                )
            },
            run=_attendance,
            like=["missed_lessons"],
        ),
        WorldTool(
            "arrange_cover",
            "Have a teacher take over a lesson that a colleague cannot give.",
            needs={
                "absent": TEACHER.means("first and last name of the teacher who is away"),
                "substitute": TEACHER.means("first and last name of the teacher who steps in"),
                "day": DATE.means("day of the lesson"),
                "period": PERIOD.means("place of the lesson in the day, 1 for the first"),
            },
            say=[
                "have {substitute} take over the {period} lesson of {absent} on {day}",
                "let {substitute} stand in on {day} for {absent} in the {period} lesson",
                "As {absent} cannot teach the {period} lesson on {day}, I need {substitute} to step in.",
            ],
            vague=[
                "find cover for {absent} on {day}",
                "let {substitute} stand in for a colleague in the {period} lesson",
            ],
            like=["report_absence", "subject_teacher"],
        ),
    ],
    idle=[
        "Why do school holidays always feel so short?",
        "Explain the theorem of Pythagoras to a ten-year-old.",
        "I forgot my gym shoes at home again.",
        "Think of a funny excuse for being late to class.",
        "Should pupils be allowed to keep their phones?",
        "Who was the first woman to found a school?",
        "Write a farewell speech for our headmaster.",
        "How do I stay calm before an exam?",
        "Can you sharpen my pencils?",
        "The chalk squeaks terribly on our blackboard.",
        "What do teachers do all summer?",
        "Is it better to learn words in the morning or at night?",
    ],
)
