SIZE = 400000


class Account:
    def __init__(self, owner, balance=0):
        self.owner = owner
        self._balance = balance
        self.history = []

    @property
    def balance(self):
        return self._balance

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError(amount)
        self._balance += amount
        self.history.append(amount)

    def withdraw(self, amount):
        if amount > self.balance:
            raise ValueError(amount)
        self._balance -= amount
        self.history.append(-amount)


def main():
    accounts = {name: Account(name, 100) for name in ("ann", "bob", "cy")}
    names = list(accounts)
    failed = 0
    for k in range(SIZE):
        account = accounts[names[k % 3]]
        try:
            if k % 5 < 3:
                account.withdraw(k % 50)
            else:
                account.deposit(k % 40)
        except ValueError:
            failed += 1
    return failed, [account.balance for account in accounts.values()]


print(main())
