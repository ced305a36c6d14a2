"""Everything that an app can do with the provider, in order, each step a file of `steps`.

JOURNEY='{"issuer": …, "base": …, "operator": [words of the command line], …}' python journey.py

A step is left out only where the provider's document does not offer what it needs. Each step says
its name when it is done; the last line is a JSON object of what the steps report.
Exit code 1 and the failed step's name on standard error if a promise is broken.
"""

import importlib
import json
import os
import sys
import time
import traceback

from setting import Journey

# The issuer is this machine: Authlib wants https of everybody else.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

STEPS = [
    "registration",
    "sign_in",
    "chat_api",
    "sso",
    "prompts",
    "sign_up",
    "totp",
    "mail_code",
    "sms_code",
    "refresh",
    "replay",
    "revocation",
    "key_rotation",
    "introspection",
    "pushed_request",
    "client_keys",
    "dpop",
    "device",
    "self_registration",
    "logout",
]


def main():
    report = {"steps": []}
    journey = Journey({**json.loads(os.environ["JOURNEY"]), "report": report})
    for name in STEPS:
        begun = time.monotonic()
        step = importlib.import_module(f"steps.{name}")
        if hasattr(step, "needs") and not step.needs(journey.app.load_server_metadata()):
            continue
        try:
            report[name] = step.run(journey)
        except Exception:
            sys.exit(f"FAILED  {name}: {traceback.format_exc()}")
        report["steps"].append(name)
        took = round((time.monotonic() - begun) * 1000)
        print(f"ok  {name}: {step.__doc__} ({took} ms)", flush=True)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
