# SPDX-License-Identifier: Apache-2.0
"""gate_csv.py TABLE TRANSFERS.csv: applies a CSV file of transfers (columns: command/README.md) to a rule table, prints a decision a line, and then how often each answer was given."""
import collections
import csv
import sys

import ringfence


def main(table, transfers):
    counts = collections.Counter()
    with open(transfers, newline="") as file:
        for answer in ringfence.gate(ringfence.Table.load(table), csv.DictReader(file)):
            word = answer.decision.reason if answer.outcome != "id_reused" else answer.outcome
            counts[word] += 1
            print(f"{answer.id}  {answer.decision}")
    print()
    for word, count in counts.most_common():
        print(f"{count} {word}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError) as error:
        sys.exit(f"gate_csv: {error}")
