"""A person at the provider's pages: knows a password, and perhaps has a second factor."""

import time

import pyotp


class Person:
    """Answers each page by the last word of its path."""

    def __init__(self, name, password):
        self.name, self.password, self.decision = name, password, "allow"
        self.authenticator, self.recovery = None, []
        self.pages = {
            "login": lambda: {"username": self.name, "password": self.password},
            "consent": lambda: {"decision": self.decision},
            "totp": lambda: {"code": self.authenticator.next()},
            "recovery": lambda: {"code": self.recovery.pop()},
        }

    def walk(self, browser):
        """Fills in the pages one after the other until the browser leaves; answers which."""
        seen = []
        while browser.status == 200 and browser.where in self.pages and len(seen) < 6:
            seen.append(browser.where)
            answer = self.pages[browser.where]()
            browser.submit(answer, f"/{browser.where}")
        return seen


class Authenticator:
    """An authenticator app that shows no code twice."""

    def __init__(self, key):
        self.totp, self.last = pyotp.TOTP(key.replace(" ", "")), 0

    def next(self):
        """This step's code, or the next one's if that was used."""
        self.last = max(int(time.time()) // 30, self.last + 1)
        return self.totp.generate_otp(self.last)
