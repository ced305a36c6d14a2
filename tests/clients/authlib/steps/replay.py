"""a code works once, and its second use takes the tokens back"""

from app import refused
from setting import same


def run(journey):
    app, desk, ana = journey.app, journey.desk, journey.ana
    at = app.sign_in(desk, ana)
    replay = refused(lambda: app.exchange(at))
    refresh = refused(lambda: app.refresh(at.tokens["refresh_token"]))
    fresh = app.ask(desk, ana)
    verifier = refused(lambda: app.exchange(fresh, code_verifier="w" * 43))
    answers = {"replay": replay, "refresh": refresh, "verifier": verifier}
    same(set(answers.values()), {"invalid_grant"}, "the answers")
    return answers
