"""Records in a list."""

ledger = [{"who": "Ann", "owes": 5}, {"who": "Bob", "owes": 0}]
ledger[1]["owes"] += 7
for record in ledger:
    record["paid"] = record["owes"] == 0
print(ledger)  # look: rows ledger
