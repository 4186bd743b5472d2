#!/usr/bin/env python3
"""A reconciler as a team might have it: compares two CSV files by key, and says what it found, one JSON object a line."""
import csv
import json
import sys

COLUMNS = ("region", "amount", "status")


def rows_by_key(path):
    rows, twice = {}, []
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["id"] in rows:
                twice.append(row["id"])
            rows[row["id"]] = row
    return rows, twice


def differing(old, new):
    return [column for column in COLUMNS if old[column] != new[column]]


def claims(reference, trial, twice):
    for key, old in reference.items():
        new = trial.get(key)
        if new is None:
            yield {"key": key, "class": "missing"}
        elif differing(old, new):
            yield {"key": key, "class": "mismatch", "columns": differing(old, new)}
    for key in trial:
        if key not in reference:
            yield {"key": key, "class": "extra"}
    for key in twice:
        yield {"key": key, "class": "duplicate"}


def main():
    reference, _ = rows_by_key(sys.argv[1])
    trial, twice = rows_by_key(sys.argv[2])
    for claim in claims(reference, trial, twice):
        print(json.dumps(claim))


main()
