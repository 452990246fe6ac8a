"""Bodies, medicines and doctors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from math import ceil
from typing import Any

from rlcall.tasks.kinds import Kind, choice, integer, many, word
from rlcall.tasks.measures import figure, measured
from rlcall.tasks.shared_kinds import CITY, DATE, EMAIL, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

BODY_WEIGHT = measured("body weight", 45, 110, "kilograms", "kg", places=1)
HEIGHT = measured("body height", 148, 205, "centimetres", "cm")
AGE = integer("age", 18, 90)
KILOCALORIES = measured("kilocalories", 120, 900, "kilocalories", "kcal", step=10)
MILLIGRAMS = measured("milligrams", 50, 1500, "milligrams", "mg", step=50)
TABLETS = measured("tablets", 5, 90, "tablets", "pills")
MEDICINE = word(
    "medicine",
    "ibuprofen; amoxicillin; metformin; cetirizine; paracetamol; omeprazole; lisinopril; loratadine",
)
EXERCISE = choice(
    "exercise",
    {
        "swimming": "swim",
        "cycling": "bike",
        "brisk walking": "walk",
        "rowing": "row",
        "jogging": "jog",
        "yoga": "yoga",
    },
)
# kinds of their own, so that no name from elsewhere is weighed or consulted
DOCTOR = Kind("doctor", PERSON.schema, PERSON.draw)
PATIENT = Kind("patient", PERSON.schema, PERSON.draw)
FIELD = choice(
    "field of medicine",
    {
        "skin doctor": "dermatology",
        "heart specialist": "cardiology",
        "vision specialist": "ophthalmology",
        "bone specialist": "orthopaedics",
        "paediatrician": "paediatrics",
    },
)
VACCINE = choice("vaccine", {"tetanus": "TET", "flu": "FLU", "rabies": "RAB", "hepatitis B": "HBV"})

_EFFORT = {"swim": 7.0, "bike": 6.5, "walk": 4.0, "row": 7.5, "jog": 8.0, "yoga": 2.5}
_INTERVAL = {"TET": 3650, "FLU": 365, "RAB": 730, "HBV": 1825}


def _body_mass_index(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"index": round(arguments["weight"] / (arguments["height"] / 100) ** 2, 1)}


def _resting_energy(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Apply the equation of Mifflin and St Jeor."""
    base = 10 * arguments["weight"] + 6.25 * arguments["height"] - 5 * arguments["age"]
    return {"energy": max(0, round(base + (5 if arguments["sex"] == "male" else -161)))}


def _exercise_energy(arguments: Mapping[str, Any]) -> dict[str, Any]:
    hours = arguments["minutes"] / 60
    return {"energy": round(_EFFORT[arguments["exercise"]] * arguments["weight"] * hours)}


def _time_to_burn(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Work it out for a body of 70 kilograms, at least one minute."""
    per_minute = _EFFORT[arguments["exercise"]] * 70 / 60
    return {"minutes": max(1, round(arguments["energy"] / per_minute))}


def _dose(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"dose": round(arguments["weight"] * arguments["per_kilogram"])}


def _tablets(arguments: Mapping[str, Any]) -> dict[str, Any]:
    each = ceil(arguments["dose"] / arguments["strength"])
    return {"tablets": each * arguments["per_day"] * arguments["days"]}


def _next_dose(arguments: Mapping[str, Any]) -> dict[str, Any]:
    hour, minute = arguments["last"].split(":")
    return {"due": f"{(int(hour) + arguments['hours']) % 24:02}:{minute}"}


def _booster(arguments: Mapping[str, Any]) -> dict[str, Any]:
    day = date.fromisoformat(arguments["last"]) + timedelta(days=_INTERVAL[arguments["vaccine"]])
    return {"due": day.isoformat()}


WORLD = World(
    "health",
    [
        WorldTool(
            "read_scales",
            "Read the latest body weight of a person from the bathroom scales.",
            needs={"person": PATIENT.means("whose weight")},
            say=[
                "fetch the latest weight of {person} off the bathroom scales",
                "see what the scales last said for {person}",
                "What did {person} weigh the last time on the scales?",
            ],
            vague=["read the bathroom scales", "see what the scales last said"],
            gives={
                "weight": Result(
                    BODY_WEIGHT,
                    [
                        "the latest weight of {person} on the scales",
                        "what {person} weighed last on the scales",
                    ],
                )
            },
            like=["body_mass_index"],
        ),
        WorldTool(
            "body_mass_index",
            "Work out the body mass index from weight and height.",
            needs={
                "weight": BODY_WEIGHT.means("body weight in kilograms"),
                "height": HEIGHT.means("body height in centimetres"),
            },
            say=[
                "calculate the body mass index from {weight} as the weight and {height} as the height",
                "get me the BMI with {weight} as weight and {height} as height",
                "What BMI goes with {weight} at a height of {height}?",
            ],
            vague=[
                "calculate the body mass index from {weight} as the weight",
                "What is my BMI at {height}?",
            ],
            gives={
                "index": Result(
                    figure("body mass index", 15, 40, places=1),
                    ["the BMI for {weight} at {height}"],
                )
            },
            run=_body_mass_index,
            like=["resting_energy", "read_scales"],
        ),
        WorldTool(
            "resting_energy",
            "Estimate the kilocalories that a body burns in a day at rest.",
            needs={
                "sex": choice("sex", {"a man": "male", "a woman": "female"}).means(
                    "the body's sex"
                ),
                "age": AGE.means("age in years"),
                "weight": BODY_WEIGHT.means("body weight in kilograms"),
                "height": HEIGHT.means("body height in centimetres"),
            },
            say=[
                "estimate the resting energy of {sex} aged {age} given a weight of {weight} and height of {height}",
                "find the resting burn of {sex}, age {age}, weight {weight}, height {height}",
                "How much does {sex} of age {age} burn at rest with a weight of {weight} and a height of {height}?",
            ],
            vague=[
                "estimate the daily energy at rest of {sex} aged {age}",
                "How much does {sex} with a weight of {weight} burn at rest?",
            ],
            gives={
                "energy": Result(
                    KILOCALORIES,
                    [
                        "the resting energy of {sex} aged {age} with a weight of {weight} and a height of {height}"
                    ],
                )
            },
            run=_resting_energy,
            like=["exercise_energy", "body_mass_index"],
        ),
        WorldTool(
            "exercise_energy",
            "Estimate the kilocalories that exercise of some length burns.",
            needs={
                "exercise": EXERCISE.means("kind of exercise"),
                "minutes": MINUTES.means("how long, in minutes"),
                "weight": BODY_WEIGHT.means("body weight in kilograms"),
            },
            say=[
                "estimate the energy burnt by {exercise} for {minutes} at a body weight of {weight}",
                "reckon up what {exercise} for {minutes} burns given a body weight of {weight}",
                "With a body weight of {weight}, how many calories does {exercise} for {minutes} use up?",
            ],
            vague=[
                "estimate the energy burnt by {exercise} for {minutes}",
                "reckon up what {exercise} burns",
            ],
            gives={
                "energy": Result(
                    KILOCALORIES,
                    ["the energy burnt by {exercise} for {minutes} at a body weight of {weight}"],
                )
            },
            run=_exercise_energy,
            like=["time_to_burn", "resting_energy"],
        ),
        WorldTool(
            "time_to_burn",
            "Work out how long somebody of 70 kilograms must exercise to burn an amount of energy.",
            needs={
                "energy": KILOCALORIES.means("kilocalories to burn"),
                "exercise": EXERCISE.means("kind of exercise"),
            },
            say=[
                "work out how long {exercise} takes to burn {energy}",
                "tell me the minutes of {exercise} that burn off {energy}",
                "How long must I keep up {exercise} to get rid of {energy}?",
            ],
            vague=[
                "give me the minutes until {energy} are burnt",
                "tell me how long {exercise} must last",
            ],
            gives={"minutes": Result(MINUTES, ["the time {exercise} takes to burn {energy}"])},
            run=_time_to_burn,
            like=["exercise_energy"],
        ),
        WorldTool(
            "log_workout",
            "Enter a finished workout in the training diary.",
            needs={
                "exercise": EXERCISE.means("kind of exercise"),
                "minutes": MINUTES.means("how long it lasted, in minutes"),
            },
            takes={
                "day": DATE.means("on which day, today if left out"),
                "feeling": choice("feeling", "easy moderate exhausting").means("how hard it felt"),
            },
            say=[
                "enter {exercise} for {minutes} in the training diary",
                "log a workout of {exercise} lasting {minutes}",
                "My training diary should show {exercise} for {minutes}.",
            ],
            add={"day": ["on {day}"], "feeling": ["rated as {feeling}", "marked {feeling}"]},
            vague=["enter {exercise} in the training diary", "log a workout lasting {minutes}"],
            like=["exercise_energy"],
        ),
        WorldTool(
            "dose_by_weight",
            "Work out a single dose of medicine from the body weight.",
            needs={
                "weight": BODY_WEIGHT.means("body weight in kilograms"),
                "per_kilogram": integer("milligrams per kilogram", 2, 15).means(
                    "milligrams for each kilogram of weight"
                ),
            },
            say=[
                "compute the dose for a body weight of {weight} at {per_kilogram} mg per kilo",
                "determine one dose for a body weight of {weight} if {per_kilogram} mg are due per kilo",
                "At {per_kilogram} mg per kilo, what single dose fits a body weight of {weight}?",
            ],
            vague=[
                "compute the dose for a body weight of {weight}",
                "What single dose fits {per_kilogram} mg per kilo?",
            ],
            gives={
                "dose": Result(
                    MILLIGRAMS,
                    ["the dose for a body weight of {weight} at {per_kilogram} mg per kilo"],
                )
            },
            run=_dose,
            like=["tablets_for_course"],
        ),
        WorldTool(
            "tablets_for_course",
            "Work out how many tablets a whole course of treatment takes.",
            needs={
                "dose": MILLIGRAMS.means("milligrams of a single dose"),
                "strength": choice(
                    "tablet strength", {"100": 100, "200": 200, "250": 250, "500": 500}
                ).means("milligrams in one tablet"),
                "per_day": integer("doses per day", 2, 4).means("doses in a day"),
                "days": integer("course days", 3, 28).means("days of treatment"),
            },
            say=[
                "count the {strength} mg tablets for {days} days with {per_day} doses daily, one dose being {dose}",
                "see how many {strength} mg tablets last {days} days at {per_day} doses daily, each dose being {dose}",
                "With a dose of {dose} at {per_day} doses daily for {days} days, how many {strength} mg tablets is it?",
            ],
            vague=[
                "count the {strength} mg tablets in a course of {days} days",
                "How many tablets is a dose of {dose} taken {per_day} times daily?",
            ],
            gives={
                "tablets": Result(
                    TABLETS,
                    [
                        "the {strength} mg tablets for {days} days with {per_day} doses daily, each being {dose}"
                    ],
                )
            },
            run=_tablets,
            like=["dose_by_weight", "request_refill"],
        ),
        WorldTool(
            "request_refill",
            "Ask the pharmacy for more of a medicine.",
            needs={
                "medicine": MEDICINE.means("name of the medicine"),
                "tablets": TABLETS.means("how many tablets"),
            },
            takes={
                "generic": choice(
                    "generic", {"as a generic": True, "from the original maker": False}
                ).means("whether a generic will do", default=True),
                "pick_up": DATE.means("day of collection"),
            },
            say=[
                "have the pharmacy refill my {medicine} with {tablets}",
                "request a refill of {medicine} from the pharmacy, namely {tablets}",
                "I am running out of {medicine} and the pharmacy should get {tablets} ready.",
            ],
            add={"generic": ["{generic}"], "pick_up": ["for collection on {pick_up}"]},
            vague=[
                "have the pharmacy refill my {medicine}",
                "I am running low and want a refill of {tablets}.",
            ],
            like=["set_pill_times"],
        ),
        WorldTool(
            "next_dose_time",
            "Work out the time of day at which the next dose of medicine is due.",
            needs={
                "last": TIME.means("time of the last dose, HH:MM"),
                "hours": integer("hours between doses", 3, 12).means("hours between two doses"),
            },
            say=[
                "work out when the next dose is due if the last was at {last} and {hours} hours must pass",
                "name the time of my next dose, the last being at {last} with a gap of {hours} hours",
                "I took a dose at {last} and must wait {hours} hours, so when is the next one?",
            ],
            vague=[
                "work out when the next dose is due if the last was at {last}",
                "When may I take the next dose?",
            ],
            gives={
                "due": Result(TIME, ["the time of the dose due {hours} hours after one at {last}"])
            },
            run=_next_dose,
            like=["set_pill_times", "booster_due"],
        ),
        WorldTool(
            "set_pill_times",
            "Set the daily times at which the pill box beeps for a medicine.",
            needs={
                "medicine": MEDICINE.means("name of the medicine"),
                "times": many(TIME, 1, 3).means("times of day, HH:MM"),
            },
            say=[
                "let the pill box beep for {medicine} every day at {times}",
                "programme the pill box so that it beeps for {medicine} at {times}",
                "The pill box has to beep daily at {times} for {medicine}.",
            ],
            vague=[
                "let the pill box beep for {medicine}",
                "programme the pill box to beep at {times}",
            ],
            like=["next_dose_time", "request_refill"],
        ),
        WorldTool(
            "booster_due",
            "Find the day from which the next shot of a vaccine is due.",
            needs={
                "vaccine": VACCINE.means("TET tetanus, FLU flu, RAB rabies, HBV hepatitis B"),
                "last": DATE.means("day of the last shot"),
            },
            say=[
                "find out when the {vaccine} booster is due after a shot on {last}",
                "look up the next {vaccine} jab following the one on {last}",
                "My last {vaccine} jab was on {last}, so when is the next?",
            ],
            vague=[
                "find out when the {vaccine} booster is due",
                "look up the next jab following the one on {last}",
            ],
            gives={
                "due": Result(DATE, ["the day the {vaccine} booster is due after a shot on {last}"])
            },
            run=_booster,
            like=["next_dose_time"],
        ),
        WorldTool(
            "find_specialist",
            "Find a doctor of some field who takes new patients in a city.",
            needs={
                "field": FIELD.means("field of medicine"),
                "city": CITY.means("where the practice is"),
            },
            takes={
                "speaks": choice("spoken", "Arabic English Hindi Portuguese").means(
                    "language that the doctor speaks"
                )
            },
            say=[
                "find a {field} with room for new patients in {city}",
                "recommend a {field} practising in {city}",
                "Which {field} in {city} has room for new patients?",
            ],
            add={"speaks": ["who speaks {speaks}"]},
            vague=[
                "find a {field} who takes new patients",
                "recommend somebody practising in {city}",
            ],
            gives={
                "doctor": Result(
                    DOCTOR,
                    ["the {field} found in {city}", "the {field} who takes patients in {city}"],
                )
            },
            like=["request_consultation"],
        ),
        WorldTool(
            "request_consultation",
            "Ask for a consultation with a doctor on a day.",
            needs={"doctor": DOCTOR.means("name of the doctor"), "day": DATE.means("day wanted")},
            takes={
                "time": TIME.means("time wanted, HH:MM"),
                "by_video": choice("by video", {"by video": True, "in person": False}).means(
                    "whether by video", default=False
                ),
                "letter_to": EMAIL.means("address for the confirmation"),
            },
            say=[
                "request a consultation with {doctor} on {day}",
                "get me in to see {doctor} on {day}",
                "Would {doctor} see me on {day}?",
            ],
            add={
                "time": ["at {time}"],
                "by_video": ["{by_video}"],
                "letter_to": ["with confirmation to {letter_to}"],
            },
            vague=["request a consultation with {doctor}", "get me in to see a doctor on {day}"],
            like=["find_specialist"],
        ),
    ],
    idle=[
        "Why do knees crack when one gets up?",
        "Is coffee good or bad for the heart?",
        "Tell me a joke about dentists.",
        "I sneeze whenever I look at the sun, isn't that funny?",
        "How does an X-ray machine work?",
        "Give me three tips for sleeping better.",
        "Who discovered penicillin?",
        "Can you take out my stitches?",
        "What is the difference between a virus and a bacterium?",
        "My back hurts a little today.",
    ],
)
