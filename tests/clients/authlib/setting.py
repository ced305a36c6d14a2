"""Where a journey takes place: the provider's addresses, its operator's command line, and an app's
own server, which hears of sign-outs."""

import json
import re
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from browser import Browser
from person import Person

PATIENCE_S = 20


class Journey:
    """What the steps share."""

    def __init__(self, setting):
        self.__dict__.update(setting)
        self.heard = heard = []

        class Ear(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                heard.append({name: values[0] for name, values in parse_qs(body).items()})
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.home = f"http://127.0.0.1:{self.server.server_address[1]}"

    def browser(self):
        return Browser(f"{self.home}/")

    def operate(self, *words):
        """Runs `tertulia identity …` and answers what it printed, as JSON."""
        program, *common = self.operator
        command = [program, "identity", *words, *common]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def person(self, name):
        """A verified account."""
        words = ["user", "create", "--verified", "--email", f"{name}@example.org"]
        named = ["--username", name, "--display-name", name, "--password", self.password]
        self.operate(*words, *named)
        return Person(name, self.password)

    def mailed(self, name, count):
        """The code number `count` that was mailed to somebody."""

        def look():
            found = [re.search(r"^(\d{6})\s*$", mail, re.MULTILINE) for mail in self.mails(name)]
            codes = [match[1] for match in found if match]
            return codes[count - 1] if len(codes) >= count else None

        return self.eventually(f"code {count} for {name}", look)

    def mailed_link(self, name, part):
        """The first link with `part` in it that was mailed to somebody."""

        def look():
            links = re.findall(r"http:[^\s\"<>]+", "\n".join(self.mails(name)))
            return next((link for link in links if part in link), None)

        return self.eventually(f"a link {part} for {name}", look)

    def mails(self, name):
        """What was mailed to somebody, the oldest first, without the encoding of its lines."""
        mails = [file.read_text() for file in sorted(Path(self.folder, "mail").glob("*.eml"))]
        theirs = [mail for mail in mails if f"{name}@example.org" in mail]
        return [re.sub(r"=\r?\n", "", mail).replace("=3D", "=") for mail in theirs]

    def texted(self, number, count):
        """The code number `count` in a text message to this number."""

        def look():
            file = Path(self.folder, "sms/file.jsonl")
            lines = file.read_text().splitlines() if file.exists() else []
            theirs = [sms["text"] for sms in map(json.loads, lines) if sms["to"] == number]
            found = [re.search(r"^@localhost #(\d{6})$", text, re.MULTILINE) for text in theirs]
            return found[count - 1][1] if len(found) >= count else None

        return self.eventually(f"SMS {count} to {number}", look)

    def eventually(self, what, find):
        """What `find` answers as soon as it answers something."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if found := find():
                return found
            time.sleep(0.02)
        raise AssertionError(f"not after {PATIENCE_S} s: {what}")


def same(actual, expected, what):
    assert actual == expected, f"{what}: {actual}, expected {expected}"
