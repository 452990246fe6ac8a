"""Files and folders: finding, moving, sharing and measuring them. The tools' names have dots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.kinds import choice, integer, many, number, text, word
from rlcall.tasks.measures import measured
from rlcall.tasks.shared_kinds import DATE, EMAIL, PERSON
from rlcall.tasks.world import Result, World, WorldTool

FILE = word(
    "file path",
    """reports/q1.pdf; reports/annual.docx; photos/beach.jpg; photos/wedding.png; notes/ideas.txt;
    notes/todo.md; budget/2026.xlsx; budget/forecast.csv; music/demo.mp3; slides/pitch.pptx;
    slides/lecture_03.pptx; letters/bank.docx; letters/landlord.pdf; scans/passport.pdf;
    scans/receipt_17.png; recipes/bread.txt; thesis/chapter2.tex; thesis/figures.zip;
    contracts/lease.pdf; contracts/job.docx; data/survey.csv; data/sensors.json; plans/kitchen.dwg;
    plans/garden.svg; video/intro.mp4; video/holiday.mov; backup/phone.tar; invoices/may.pdf""",
)
FOLDER = word(
    "folder path",
    """archive; shared/team; shared/family; projects/atlas; projects/orion; backup/2025; old/drafts;
    desktop/inbox; clients/north; clients/south; school/spring; school/autumn; trash_later;
    public/press; private/health; media/raw; exports; work/legal; work/sales; house/renovation""",
)
NEW_NAME = word(
    "file name",
    """final.pdf; version_2.docx; summer.jpg; cover.png; summary.txt; checklist.md; totals.xlsx;
    cleaned.csv; mixdown.mp3; keynote.pptx; signed.pdf; copy_for_anna.docx; appendix.tex;
    bundle.zip; results.json; layout.svg; trailer.mp4""",
)
FILE_TYPE = choice(
    "file type",
    {
        "PDF": "pdf",
        "spreadsheet": "xlsx",
        "Word document": "docx",
        "photo": "jpg",
        "video": "mp4",
        "presentation": "pptx",
        "plain text file": "txt",
        "zip archive": "zip",
    },
)
LINK = word(
    "web address",
    """https://example.com/manual.pdf; https://example.org/data/cities.csv;
    https://files.example.net/logo.svg; https://example.com/forms/visa.docx;
    https://example.org/music/track7.mp3; https://cdn.example.net/map.png;
    https://example.com/releases/tool.zip; https://example.org/papers/owls.pdf;
    https://media.example.net/clip.mp4; https://example.com/price_list.xlsx;
    https://example.org/poster.png; https://files.example.net/notes.txt""",
    format="uri",
)
PHRASE = text(
    "search phrase",
    """solar panel; non-disclosure; warranty; blue whale; minimum order; emergency exit; winter
    schedule; second floor; late fee; gluten; confidential; water damage; page break; annual leave;
    serial number; proof of purchase""",
)
_STEMS = (
    "minutes",
    "scan_0412",
    "offer",
    "overview",
    "untitled",
    "final_v3",
    "sketch",
    "list",
    "sample",
    "export_7",
)
SIZE = measured("megabytes", 5, 4000, "megabytes", "MB", step=5)
SPEED = integer("megabits per second", 10, 500, 10)
SECONDS = measured("seconds", 5, 900, "seconds")
OVERWRITE = choice(
    "overwriting", {"replacing an old shortcut": True, "keeping an old shortcut": False}
)
ERASURE = choice("erasure", {"for good": True, "but keep it in the trash": False})
RIGHT = choice(
    "access right",
    {
        "with reading rights": "viewer",
        "with commenting rights": "commenter",
        "with editing rights": "editor",
    },
)
SUBFOLDERS = choice("subfolders", {"with its subfolders": True, "without its subfolders": False})


def _newest(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Make up a file, but one of that folder and type."""
    return {"path": f"{arguments['folder']}/{_stem(arguments)}.{arguments['file_type']}"}


def _edited(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"path": f"{arguments['folder']}/{_stem(arguments)}.docx"}


def _stem(arguments: Mapping[str, Any]) -> str:
    """Make up a name, always the same for the same arguments."""
    return _STEMS[sum(map(ord, "".join(map(str, arguments.values())))) % len(_STEMS)]


def _transfer_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Count eight bits a byte; `overhead` percent of the line carry no data."""
    usable = arguments["speed"] * (1 - arguments["overhead"] / 100)
    return {"seconds": round(arguments["size"] * 8 / usable)}


WORLD = World(
    "files",
    [
        WorldTool(
            "files.find_newest",
            "Find the most recently changed file of a type in a folder.",
            needs={
                "folder": FOLDER.means("path of the folder to search"),
                "file_type": FILE_TYPE.means("extension of the files that count"),
            },
            takes={"changed_after": DATE.means("ignore files last changed before this day")},
            say=[
                "find the newest {file_type} in the folder {folder}",
                "look for the {file_type} in {folder} that was changed last",
                "get me the path of the latest {file_type} in {folder}",
                "Which {file_type} in {folder} is the most recent?",
            ],
            add={
                "changed_after": [
                    "if it was changed on {changed_after} or later",
                    "ignoring anything from before {changed_after}",
                ]
            },
            vague=["find the newest {file_type}", "get me the path of the latest file in {folder}"],
            gives={
                "path": Result(
                    FILE,
                    ["the newest {file_type} in {folder}", "the latest {file_type} in {folder}"],
                )
            },
            run=_newest,
            like=["files.get_info", "files.count_containing"],
        ),
        WorldTool(
            "files.find_edited_by",
            "Find the file in a folder that a person has edited last.",
            needs={
                "person": PERSON.means("full name of the person who edited the file"),
                "folder": FOLDER.means("path of the folder with the edited file"),
            },
            say=[
                "find the file that {person} edited last in {folder}",
                "look in the folder {folder} for the last file that {person} worked on",
                "get me the path of what {person} edited most recently in {folder}",
                "Which file in {folder} did {person} edit last?",
            ],
            vague=[
                "find the file that {person} edited last",
                "Which file in {folder} was edited last by him?",
            ],
            gives={"path": Result(FILE, ["the file that {person} edited last in {folder}"])},
            run=_edited,
            like=["files.find_newest", "files.get_info"],
        ),
        WorldTool(
            "files.get_info",
            "Show the size, the owner and the day of the last change of a file.",
            needs={"path": FILE.means("path of the file to look at")},
            say=[
                "show me the properties of {path}",
                "check who owns {path}, how big it is and when it was changed",
                "look up the size and the owner of {path}",
                "Who owns {path}, and how big is it?",
            ],
            vague=["show me the properties of a file", "Who owns that file, and how big is it?"],
            gives={
                "size": Result(SIZE, ["the size of {path} in megabytes"]),
                "owner": Result(PERSON, ["the owner of {path}", "the person who owns {path}"]),
                "changed": Result(DATE, ["the day on which {path} was last changed"]),
            },
            like=["files.measure_folder", "files.find_newest"],
        ),
        WorldTool(
            "files.add_shortcut",
            "Put a shortcut to a file into a folder; the file itself stays where it is.",
            needs={
                "path": FILE.means("path of the file that the shortcut opens"),
                "folder": FOLDER.means("path of the folder that gets the shortcut"),
            },
            takes={
                "overwrite": OVERWRITE.means(
                    "whether a shortcut of the same name there is replaced", default=False
                )
            },
            say=[
                "put a shortcut to {path} in the folder {folder}",
                "create a shortcut in {folder} that opens {path}",
                "add a shortcut to {path} to the folder {folder}",
                "I need a shortcut to {path} in {folder}.",
            ],
            add={"overwrite": ["{overwrite}"]},
            vague=[
                "put a shortcut to {path} in another folder",
                "create a shortcut to one of my files in {folder}",
            ],
            like=["files.move"],
        ),
        WorldTool(
            "files.move",
            "Take a file out of its folder and put it into another.",
            needs={
                "path": FILE.means("path of the file that changes its place"),
                "folder": FOLDER.means("path of the folder where the file belongs from now on"),
            },
            takes={
                "on_conflict": choice(
                    "name conflict",
                    {"replacing what is there": "replace", "under a new name if need be": "rename"},
                ).means("what to do where a file of the same name stands in the way")
            },
            say=[
                "move {path} to the folder {folder}",
                "take {path} out of its folder and put it into {folder}",
                "relocate {path} to {folder}",
                "Since {path} belongs in {folder}, move it there.",
            ],
            add={"on_conflict": ["{on_conflict}"]},
            vague=["move {path} to the place where it belongs", "relocate my file to {folder}"],
            like=["files.add_shortcut", "files.rename"],
        ),
        WorldTool(
            "files.rename",
            "Give a file a new name in the same folder.",
            needs={
                "path": FILE.means("path of the file with the old name"),
                "new_name": NEW_NAME.means("the new name with its extension, without a folder"),
            },
            say=[
                "rename {path} to {new_name}",
                "change the name of {path} to {new_name}",
                "call {path} {new_name} from now on",
                "From now on {path} should be named {new_name}.",
            ],
            vague=["rename {path}", "change the name of a file to {new_name}"],
            like=["files.move"],
        ),
        WorldTool(
            "files.delete",
            "Remove a file.",
            needs={"path": FILE.means("path of the file that is no longer needed")},
            takes={
                "permanently": ERASURE.means(
                    "true: it can't be brought back; false: it goes to the trash can", default=False
                )
            },
            say=[
                "delete {path}",
                "get rid of {path}",
                "remove {path} from my files",
                "I no longer need {path}, throw it away.",
            ],
            add={"permanently": ["{permanently}"]},
            vague=["delete a file", "I no longer need that file, throw it away."],
            like=["files.restore_version", "files.move"],
        ),
        WorldTool(
            "files.restore_version",
            "Bring a file back to the state that it had on a day in the past.",
            needs={
                "path": FILE.means("path of the file to turn back"),
                "date": DATE.means("the day whose state is wanted"),
            },
            say=[
                "restore {path} to how it was on {date}",
                "bring back the version of {path} from {date}",
                "roll {path} back to its state of {date}",
                "I want {path} to be as it was on {date} again.",
            ],
            vague=[
                "bring back an earlier version of {path}",
                "restore a file to how it was on {date}",
            ],
            like=["files.delete", "files.get_info"],
        ),
        WorldTool(
            "files.share",
            "Give somebody access to a file by e-mail address.",
            needs={
                "path": FILE.means("path of the file that is opened to somebody"),
                "email": EMAIL.means("e-mail address of the person who gets access"),
            },
            takes={
                "role": RIGHT.means("what the person may do with the file", default="viewer"),
                "expires": DATE.means("the day on which access ends; never if left out"),
            },
            say=[
                "share {path} with {email}",
                "give {email} access to {path}",
                "let {email} in on {path}",
                "I'd like {email} to have access to {path}.",
            ],
            add={
                "role": ["{role}"],
                "expires": ["until {expires}", "with access ending on {expires}"],
            },
            vague=["share {path} with a colleague", "give {email} access to one of my files"],
            like=["files.add_shortcut"],
        ),
        WorldTool(
            "files.download",
            "Fetch a file from the web into a folder.",
            needs={
                "url": LINK.means("web address of the file"),
                "folder": FOLDER.means("path of the folder that the file is saved in"),
            },
            takes={
                "save_as": NEW_NAME.means(
                    "name to save the file under; that of the web address if left out"
                )
            },
            say=[
                "download {url} to the folder {folder}",
                "fetch {url} and save it in {folder}",
                "get the file at {url} and put it in the folder {folder}",
                "I want what is at {url} saved in {folder}.",
            ],
            add={"save_as": ["under the name {save_as}", "as {save_as}"]},
            vague=["download a file to {folder}", "fetch {url} and save it somewhere else"],
            like=["files.add_shortcut", "files.share"],
        ),
        WorldTool(
            "files.measure_folder",
            "Add up how much space a folder takes.",
            needs={"folder": FOLDER.means("path of the folder to measure")},
            takes={"recursive": SUBFOLDERS.means("whether folders inside it count", default=True)},
            say=[
                "measure how much space the folder {folder} takes",
                "work out the total size of {folder}",
                "add up the size of the folder {folder}",
                "How big is the folder {folder}?",
            ],
            add={"recursive": ["{recursive}"]},
            vague=["measure how much space a folder takes", "How big is that folder?"],
            gives={"size": Result(SIZE, ["the size of the folder {folder} in megabytes"])},
            like=["files.get_info", "files.count_containing"],
        ),
        WorldTool(
            "files.count_containing",
            "Count the files in a folder in which a phrase occurs.",
            needs={
                "phrase": PHRASE.means("the words to search for, without quotation marks"),
                "folder": FOLDER.means("path of the folder whose files are searched"),
            },
            takes={
                "file_types": many(FILE_TYPE, 1, 3).means(
                    "extensions of the files searched; all if left out"
                )
            },
            say=[
                'count the files in {folder} that contain "{phrase}"',
                'find out in how many files of the folder {folder} "{phrase}" occurs',
                'search {folder} for "{phrase}" and tell me the number of files',
                'In how many files in {folder} do the words "{phrase}" appear?',
            ],
            add={
                "file_types": [
                    "limited to these types: {file_types}",
                    "searching only these file types: {file_types}",
                ]
            },
            vague=[
                "count the files in {folder} that contain a certain phrase",
                'In how many files does "{phrase}" appear?',
            ],
            gives={
                "files": Result(
                    integer("number of files", 0, 80),
                    ['the number of files in {folder} that contain "{phrase}"'],
                )
            },
            like=["files.find_newest"],
        ),
        WorldTool(
            "files.estimate_transfer_time",
            "Work out how many seconds it takes to send data over a connection.",
            needs={
                "size": SIZE.means("megabytes to send"),
                "speed": SPEED.means("speed of the connection in megabits per second"),
            },
            takes={
                "overhead": number("overhead", 2, 20, 1).means(
                    "percent of the speed that is lost", minimum=0, default=0
                )
            },
            say=[
                "work out how many seconds it takes to send {size} at {speed} megabits per second",
                "estimate the time for uploading {size} over a line of {speed} megabits per second",
                "calculate how many seconds {size} needs on a connection of {speed} megabits per second",
                "How long does it take to transfer {size} at {speed} megabits per second?",
            ],
            add={
                "overhead": [
                    "with a loss of {overhead} percent",
                    "if {overhead} percent of the speed is lost",
                ]
            },
            vague=[
                "work out how many seconds it takes to send {size}",
                "How long does a transfer take at {speed} megabits per second?",
            ],
            gives={
                "seconds": Result(
                    SECONDS, ["the time in seconds to send {size} at {speed} megabits per second"]
                )
            },
            run=_transfer_time,
            like=["files.measure_folder"],
        ),
    ],
    idle=[
        "Why are folders drawn in yellow?",
        "Who needs paper these days?",
        "What does the name of the PDF stand for?",
        "Type up what is written on my whiteboard.",
        "How many photos do people take in a lifetime?",
        "Proofread my novel.",
        "Is it better to sort by date or by subject?",
        "Where does data go when it is deleted?",
        "Dust my keyboard.",
        "Tell me a story about a lost letter.",
    ],
)
