"""Tables, backups and access rights. The tools' names hold dots."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from rlcall.tasks.called import called
from rlcall.tasks.kinds import Kind, choice, code, integer, many, record, text, word
from rlcall.tasks.measures import differing, figure, measured
from rlcall.tasks.shared_kinds import AMOUNT, DATE, EMAIL, MINUTES, PERSON, TIME
from rlcall.tasks.world import Result, World, WorldTool

DATABASE = word(
    "database", "sales_eu; sales_us; warehouse; crm_live; crm_archive; payroll; telemetry; web_shop"
)
TABLE = called(
    word(
        "table",
        "orders; customers; invoices; sensors; employees; sessions; payments; audit_log; tickets; suppliers",
    ),
    "table {}",
    "the {} table",
)
COLUMN = called(
    word("column", "price; quantity; rating; age; weight; score; discount; duration"),
    "column {}",
    "the {} column",
)
SHOWN = word(
    "shown column", "price; quantity; rating; name; city; status; score; created_at; e_mail; id"
)
NEW_TABLE = called(
    word("new table", "refunds; coupons; visits; parts; shifts; grades; leads; meters"),
    "table {}",
    "a {} table",
)
NEW_COLUMN = word("new column", "note; colour; amount; shipped; priority; nickname; total; visits")
DATA_TYPE = choice(
    "data type", {"text": "TEXT", "integer": "INTEGER", "decimal": "REAL", "boolean": "BOOLEAN"}
)
ROWS = measured("rows", 500, 90000, "rows", "records", step=100)
MEGABYTES = measured("megabytes", 20, 9000, "megabytes", "MB", step=10)
RENT = Kind("storage rent", AMOUNT.schema, AMOUNT.draw)
FIGURE = figure("figure", 1, 500, places=2, schema={})
SNAPSHOT = called(code("snapshot", "SNAP-#####"), "snapshot {}")
RIGHT = choice(
    "access right",
    {"read": "SELECT", "add to": "INSERT", "change": "UPDATE", "delete from": "DELETE"},
)
FORMAT = choice(
    "export format", {"CSV": "csv", "JSON Lines": "jsonl", "Parquet": "parquet", "Excel": "xlsx"}
)
STORAGE = choice("storage class", {"fast": "ssd", "slow": "hdd", "archive": "tape"})
FILTER = record(
    "row filter",
    "{column} {operator} {limit}",
    column=word("filter column", "price; quantity; rating; age; weight; score").means(
        "column that is compared"
    ),
    operator=choice("operator", {"is at least": ">=", "is below": "<", "equals": "="}).means(
        "comparison"
    ),
    limit=integer("limit", 101, 900).means("number that it is compared with"),
)
COLUMN_PLAN = record(
    "column plan",
    "{name} as {type}",
    name=NEW_COLUMN.means("name of the column"),
    type=DATA_TYPE.means("data type of the column"),
)

_CENTS = {"ssd": 0.012, "hdd": 0.004, "tape": 0.001}


def _size(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Round up to whole megabytes of a million bytes."""
    return {"megabytes": ceil(arguments["rows"] * arguments["row_bytes"] / 1_000_000)}


def _copy_time(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"minutes": max(1, ceil(arguments["megabytes"] / arguments["per_second"] / 60))}


def _storage_price(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "price": round(
            arguments["megabytes"] * arguments["months"] * _CENTS[arguments["storage"]], 2
        )
    }


def _batches(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {"batches": ceil(arguments["rows"] / arguments["batch_size"])}


WORLD = World(
    "databases",
    [
        WorldTool(
            "table.count_rows",
            "Count the rows of a table, all of them or those that pass a filter.",
            needs={"table": TABLE.means("name of the table")},
            takes={"filter": FILTER.means("only rows that pass this comparison")},
            say=[
                "count the rows in {table}",
                "find how many records {table} holds",
                "How many entries are there in {table}?",
            ],
            add={"filter": ["where {filter}"]},
            vague=["count the rows", "find how many records there are"],
            gives={"rows": Result(ROWS, ["the number of rows in {table}"])},
            like=["table.fetch_rows", "storage.batches"],
        ),
        WorldTool(
            "table.fetch_rows",
            "Fetch the first rows of a table with some of its columns.",
            needs={
                "table": TABLE.means("name of the table"),
                "columns": many(SHOWN, 1, 3).means("names of the columns to show"),
                "limit": integer("row limit", 3, 50).means("how many rows"),
            },
            takes={
                "order": choice("sort order", {"ascending": "asc", "descending": "desc"}).means(
                    "asc or desc by the key of the table", default="asc"
                )
            },
            say=[
                "fetch {limit} rows with {columns} out of {table}",
                "select {columns} from {table} and stop after {limit} rows",
                "Could I see {columns} for the first {limit} rows of {table}?",
            ],
            add={"order": ["in {order} order"]},
            vague=[
                "fetch {limit} rows out of {table}",
                "select {columns} and stop after {limit} rows",
            ],
            like=["table.count_rows", "table.export"],
        ),
        WorldTool(
            "table.largest",
            "Find the table of a database that takes up most space.",
            needs={"database": DATABASE.means("name of the database")},
            say=[
                "find the largest table in {database}",
                "determine which table of {database} takes up most space",
                "What is the biggest table of {database}?",
            ],
            vague=["find the largest table", "determine which table takes up most space"],
            gives={
                "table": Result(
                    TABLE, ["the largest table in {database}", "the biggest table of {database}"]
                )
            },
        ),
        WorldTool(
            "table.define",
            "Define a new table with typed columns.",
            needs={
                "table": NEW_TABLE.means("name of the new table"),
                "columns": differing(many(COLUMN_PLAN, 2, 3), "name").means("its columns"),
            },
            takes={
                "temporary": choice(
                    "temporary", {"as a temporary one": True, "as a permanent one": False}
                ).means("whether it vanishes with the session", default=False)
            },
            say=[
                "define {table} with the columns {columns}",
                "set up {table} from scratch with {columns} as its columns",
                "What we lack is {table} with the columns {columns}.",
            ],
            add={"temporary": ["{temporary}"]},
            vague=["define {table}", "set up a table with the columns {columns}"],
            like=["column.index"],
        ),
        WorldTool(
            "table.empty",
            "Delete all rows of a table but keep the table.",
            needs={"table": TABLE.means("name of the table")},
            say=[
                "delete every row of {table} but keep the table itself",
                "empty {table} without removing it",
                "All rows of {table} can go, only the empty table should stay.",
            ],
            vague=["empty a table without removing it"],
            like=["table.remove"],
        ),
        WorldTool(
            "table.remove",
            "Remove a table altogether, with its rows and its definition.",
            needs={"table": TABLE.means("name of the table")},
            takes={
                "cascade": choice(
                    "cascade",
                    {"with all that depends on it": True, "unless something depends on it": False},
                ).means("whether what depends on it goes too", default=False)
            },
            say=[
                "remove {table} altogether",
                "drop {table} for good, definition and all",
                "Nobody needs {table} now, so get rid of the whole table.",
            ],
            add={"cascade": ["{cascade}"]},
            vague=["drop a table for good", "remove one of the tables altogether"],
            like=["table.empty"],
        ),
        WorldTool(
            "table.owner",
            "Look up who is responsible for a table.",
            needs={"table": TABLE.means("name of the table")},
            say=[
                "look up who is responsible for {table}",
                "find whom {table} belongs to",
                "Who do I talk to about {table}, that is, who owns it?",
            ],
            vague=["look up who is responsible for the table"],
            gives={"owner": Result(PERSON, ["the person responsible for {table}"])},
            like=["access.grant"],
        ),
        WorldTool(
            "table.export",
            "Write a whole table to a file of some format.",
            needs={
                "table": TABLE.means("name of the table"),
                "format": FORMAT.means("csv, jsonl (JSON Lines), parquet or xlsx (Excel)"),
            },
            takes={
                "send_to": EMAIL.means("address that gets the file"),
                "header": choice(
                    "header", {"with a header line": True, "without a header line": False}
                ).means("whether names of the columns come first", default=True),
            },
            say=[
                "export {table} as {format}",
                "dump {table} into a file of {format} format",
                "I could use {table} as a {format} file.",
            ],
            add={"send_to": ["and have it sent to {send_to}"], "header": ["{header}"]},
            vague=["export {table}", "dump a table into a {format} file"],
            like=["table.fetch_rows", "backup.start"],
        ),
        WorldTool(
            "column.average",
            "Compute the average of a column of numbers.",
            needs={
                "table": TABLE.means("name of the table"),
                "column": COLUMN.means("name of the column"),
            },
            say=[
                "compute the average over {column} in {table}",
                "take the mean of {column} of {table}",
                "What is the average value of {column} in {table}?",
            ],
            vague=["compute the average over {column}", "take the mean of some column of {table}"],
            gives={"average": Result(FIGURE, ["the average over {column} in {table}"])},
            like=["column.highest"],
        ),
        WorldTool(
            "column.highest",
            "Find the highest value of a column of numbers.",
            needs={
                "table": TABLE.means("name of the table"),
                "column": COLUMN.means("name of the column"),
            },
            say=[
                "find the highest value of {column} in {table}",
                "get the maximum over {column} in {table}",
                "How high does {column} go in {table}?",
            ],
            vague=["find the highest value of {column}", "get the maximum in {table}"],
            gives={"highest": Result(FIGURE, ["the highest value of {column} in {table}"])},
            like=["column.average", "table.largest"],
        ),
        WorldTool(
            "column.emptiest",
            "Find the column of a table in which most values are missing.",
            needs={"table": TABLE.means("name of the table")},
            say=[
                "find the column of {table} with the most missing values",
                "see which column of {table} is filled least",
                "Where in {table} are the most gaps, in which column?",
            ],
            vague=["find the column with the most missing values"],
            gives={"column": Result(COLUMN, ["the column of {table} with the most gaps"])},
            like=["column.index"],
        ),
        WorldTool(
            "column.index",
            "Build an index on a column, so that searches in it are fast.",
            needs={
                "table": TABLE.means("name of the table"),
                "column": COLUMN.means("name of the column"),
            },
            takes={
                "unique": choice(
                    "unique", {"that permits duplicates": False, "that forbids duplicates": True}
                ).means("whether no value may occur twice", default=False)
            },
            say=[
                "put an index on {column} of {table}",
                "speed up searches by {column} in {table} through an index",
                "Searches by {column} in {table} are slow, so index it.",
            ],
            add={"unique": ["{unique}"]},
            vague=["put an index on {table}", "speed up searches by {column} through an index"],
            like=["table.define", "column.emptiest"],
        ),
        WorldTool(
            "storage.size",
            "Estimate the megabytes that rows of some width take up.",
            needs={
                "rows": ROWS.means("how many rows"),
                "row_bytes": integer("bytes per row", 40, 2000, 20).means("bytes in one row"),
            },
            say=[
                "estimate the space for {rows} at {row_bytes} bytes apiece",
                "reckon the space that goes to {rows} at {row_bytes} bytes apiece",
                "At {row_bytes} bytes apiece, how much space goes to {rows}?",
            ],
            vague=[
                "estimate the space for {rows}",
                "reckon the size of records with {row_bytes} bytes apiece",
            ],
            gives={
                "megabytes": Result(MEGABYTES, ["the size of {rows} at {row_bytes} bytes apiece"])
            },
            run=_size,
            like=["storage.batches", "storage.price"],
        ),
        WorldTool(
            "storage.batches",
            "Work out into how many batches rows must be divided.",
            needs={
                "rows": ROWS.means("how many rows"),
                "batch_size": integer("batch size", 50, 900, 50).means("rows in one batch"),
            },
            say=[
                "work out how many batches of {batch_size} are due for {rows}",
                "split {rows} into batches of {batch_size} and say how many that makes",
                "What number of batches of {batch_size} comes out of {rows}?",
            ],
            vague=[
                "work out how many batches are due for {rows}",
                "How many batches of {batch_size} come out?",
            ],
            gives={
                "batches": Result(
                    measured("batches", 2, 900, "batches"),
                    ["the number of batches of {batch_size} for {rows}"],
                )
            },
            run=_batches,
            like=["storage.size", "table.count_rows"],
        ),
        WorldTool(
            "storage.price",
            "Work out what it costs to store megabytes for some months.",
            needs={
                "megabytes": MEGABYTES.means("megabytes to be stored"),
                "months": integer("months", 2, 36).means("for how many months"),
                "storage": STORAGE.means("ssd is fast, hdd is slow, tape is the archive"),
            },
            say=[
                "work out what {storage} storage of {megabytes} costs over {months} months",
                "put a price on {months} months of {storage} storage for {megabytes}",
                "If {megabytes} lie on {storage} storage for {months} months, what is due?",
            ],
            vague=[
                "work out what {storage} storage of {megabytes} costs",
                "put a price on {months} months of storage",
            ],
            gives={
                "price": Result(
                    RENT, ["the price of {months} months of {storage} storage for {megabytes}"]
                )
            },
            run=_storage_price,
            like=["storage.size"],
        ),
        WorldTool(
            "backup.copy_time",
            "Work out how many minutes it takes to copy megabytes at some speed.",
            needs={
                "megabytes": MEGABYTES.means("megabytes to be copied"),
                "per_second": integer("megabytes per second", 2, 40, 2).means(
                    "megabytes copied in a second"
                ),
            },
            say=[
                "work out how long a copy of {megabytes} runs at {per_second} MB per second",
                "gauge the copying time for {megabytes} at a rate of {per_second} MB per second",
                "With {per_second} MB going through per second, how long does a copy of {megabytes} last?",
            ],
            vague=[
                "gauge the copying time for {megabytes}",
                "How long does a copy last at {per_second} MB per second?",
            ],
            gives={
                "minutes": Result(
                    MINUTES, ["the copying time for {megabytes} at {per_second} MB per second"]
                )
            },
            run=_copy_time,
            like=["backup.start"],
        ),
        WorldTool(
            "backup.start",
            "Take a new snapshot of a database.",
            needs={"database": DATABASE.means("name of the database")},
            takes={
                "keep_until": DATE.means("day until which it is kept"),
                "encrypt": choice("encrypted", {"encrypted": True, "unencrypted": False}).means(
                    "whether it is encrypted", default=True
                ),
            },
            say=[
                "take a fresh snapshot of {database}",
                "back {database} up",
                "I would feel safer with a new backup of {database}.",
            ],
            add={"keep_until": ["to be kept until {keep_until}"], "encrypt": ["stored {encrypt}"]},
            vague=["take a fresh snapshot"],
            gives={"snapshot": Result(SNAPSHOT, ["a fresh snapshot of {database}"])},
            like=["backup.newest", "table.export"],
        ),
        WorldTool(
            "backup.newest",
            "Look up the newest snapshot that exists of a database.",
            needs={"database": DATABASE.means("name of the database")},
            say=[
                "look up the newest existing snapshot of {database}",
                "check which backup of {database} is the latest we have",
                "What is the most recent backup that we have of {database}?",
            ],
            vague=["look up the newest existing snapshot"],
            gives={"snapshot": Result(SNAPSHOT, ["the newest existing snapshot of {database}"])},
            like=["backup.start", "backup.restore"],
        ),
        WorldTool(
            "backup.restore",
            "Put a database back to the state of a snapshot.",
            needs={
                "database": DATABASE.means("database to be overwritten"),
                "snapshot": SNAPSHOT.means("number of the snapshot"),
            },
            say=[
                "restore {database} from {snapshot}",
                "bring {database} back to the state of {snapshot}",
                "Something broke {database}, so go back to {snapshot}.",
            ],
            vague=["restore {database} from a backup", "go back to {snapshot}"],
            like=["backup.start", "backup.newest"],
        ),
        WorldTool(
            "access.grant",
            "Give somebody rights on a table.",
            needs={
                "person": PERSON.means("who gets them"),
                "rights": many(RIGHT, 1, 3).means(
                    "SELECT read, INSERT add to, UPDATE change, DELETE delete from"
                ),
                "table": TABLE.means("name of the table"),
            },
            takes={"until": DATE.means("last day of the rights")},
            say=[
                "allow {person} to {rights} {table}",
                "grant {person} the rights to {rights} {table}",
                "From now on {person} may {rights} {table}.",
            ],
            add={"until": ["until {until}", "up to {until}"]},
            vague=["allow {person} to {rights} a table", "grant {person} some rights on {table}"],
            like=["access.revoke", "table.owner"],
        ),
        WorldTool(
            "access.revoke",
            "Take all of somebody's rights on a table away.",
            needs={
                "person": PERSON.means("who loses them"),
                "table": TABLE.means("name of the table"),
            },
            say=[
                "take all rights on {table} away from {person}",
                "lock {person} out of {table}",
                "It is no longer right that {person} has access to {table}, so end it.",
            ],
            vague=["take all rights away from {person}", "lock somebody out of {table}"],
            like=["access.grant"],
        ),
        WorldTool(
            "maintenance.plan",
            "Plan a time in which a database is down for maintenance.",
            needs={
                "database": DATABASE.means("name of the database"),
                "day": DATE.means("which day"),
                "start": TIME.means("from when on, HH:MM"),
                "minutes": MINUTES.means("how long it is down, in minutes"),
            },
            takes={
                "notice": text(
                    "notice", "back soon; planned work; sorry for the wait; new disks go in"
                ).means("what users read")
            },
            say=[
                "plan maintenance of {database} on {day} at {start} lasting {minutes}",
                "take {database} down on {day} from {start} for {minutes}",
                "On {day} at {start}, {database} goes down for {minutes}, please plan that.",
            ],
            add={"notice": ['with the notice "{notice}"', 'showing users "{notice}"']},
            vague=["plan maintenance of {database} on {day}", "take {database} down for {minutes}"],
        ),
    ],
    idle=[
        "What does the word schema come from?",
        "Is it normal to dream of spreadsheets?",
        "Explain the difference between rows and columns to a child.",
        "Who invented the relational model?",
        "Tell me a joke about two tables in a bar.",
        "Should I study statistics or computer science?",
        "Why are some databases called NoSQL?",
        "My coffee ended up on the server.",
        "Draw an elephant, like the one in that logo.",
        "How long do hard disks live?",
    ],
)
