"""A browser without JavaScript: a jar of cookies, redirects, and the forms of the server's pages.

Addresses below `home` are the app's own: it is only looked at where they lead.
"""

from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests


class Browser:
    """One profile; `url`, `status` and `page` are what it shows."""

    def __init__(self, home):
        self.home, self.session = home, requests.Session()
        self.session.headers["Accept-Language"] = "en"
        self.url = self.page = ""
        self.status = 0

    def go(self, url, form=None):
        """Opens an address, or sends `form` to it, and follows redirects to a page or the app."""
        for _ in range(12):
            headers = {"Origin": "{0.scheme}://{0.netloc}".format(urlsplit(url))} if form else {}
            answer = self.session.request(
                "POST" if form else "GET", url, data=form, headers=headers, allow_redirects=False
            )
            form = None
            self.url, self.status, self.page = url, answer.status_code, answer.text
            if "location" not in answer.headers:
                return self
            url = urljoin(url, answer.headers["location"])
            if url.startswith(self.home):
                self.url, self.status, self.page = url, 0, ""
                return self
        raise AssertionError(f"too many redirects, last to {url}")

    def submit(self, fields, part=""):
        """Sends the last form whose action ends with `part`, with its hidden fields and `fields`."""
        forms = [form for form in Forms.of(self.page) if form.path.endswith(part)]
        assert forms, f"no form {part} at {self}"
        return self.go(urljoin(self.url, forms[-1].action), {**forms[-1].hidden, **fields})

    @property
    def where(self):
        """The last word of the path shown: `login`, `consent`, `totp`."""
        return urlsplit(self.url).path.split("/")[-1]

    @property
    def answer(self):
        """The parameters that the browser brings to the app."""
        return dict(parse_qsl(urlsplit(self.url).query))

    def __str__(self):
        return f"{self.url} ({self.status}): {self.page[:2000]}"


class Form:
    """A form as the page has it."""

    def __init__(self, action):
        self.action, self.hidden = action, {}
        self.path = action.split("?")[0]


class Forms(HTMLParser):
    """Finds the forms of a page."""

    def __init__(self):
        super().__init__()
        self.found = []

    @classmethod
    def of(cls, page):
        reader = cls()
        reader.feed(page)
        return reader.found

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.found.append(Form(attributes.get("action", "")))
        if tag == "input" and attributes.get("type") == "hidden" and self.found:
            self.found[-1].hidden[attributes["name"]] = attributes.get("value", "")
