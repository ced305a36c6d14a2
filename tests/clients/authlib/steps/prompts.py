"""prompt=none, prompt=login and max_age are obeyed"""

from setting import same


def run(journey):
    app, ana = journey.app, journey.ana
    stranger = app.ask(journey.browser(), ana, prompt="none").answer["error"]
    same(stranger, "login_required", "a stranger")
    same(app.sign_in(journey.desk, ana, prompt="none").pages, [], "pages of prompt=none")
    fresh = app.sign_in(journey.desk, ana, prompt="login")
    same(fresh.pages, ["login"], "pages of prompt=login")
    assert fresh.claims["auth_time"] >= journey.first.claims["auth_time"], "auth_time went back"
    same(app.sign_in(journey.desk, ana, max_age="3600").pages, [], "pages of max_age")
    return {"stranger": stranger, "fresh": fresh.pages}
