"""prompt=create makes an account, and its mail leads to the app"""

from urllib.parse import urlsplit

from person import Person
from setting import same

EMAIL = "nora@example.org"


class Newcomer(Person):
    """Makes an account before anything else."""

    def __init__(self, journey, name):
        super().__init__(name, journey.password)
        self.journey = journey

    def walk(self, browser):
        same(browser.where, "signup", "the page of prompt=create")
        named = {"username": self.name, "display_name": "Nora Vidal", "password": self.password}
        browser.submit({"email": EMAIL, **named}, "/signup")
        link = self.journey.mailed_link(self.name, "/verify/")
        browser.go(link)
        browser.submit({}, urlsplit(link).path)
        return super().walk(browser)


def run(journey):
    nora = Newcomer(journey, "nora")
    at = journey.app.sign_in(journey.browser(), nora, prompt="create")
    person = journey.app.userinfo(token=at.tokens)
    known = [person[claim] for claim in ("preferred_username", "name", "email", "email_verified")]
    same(known, [nora.name, "Nora Vidal", EMAIL, True], "userinfo")
    return {"pages": at.pages}
