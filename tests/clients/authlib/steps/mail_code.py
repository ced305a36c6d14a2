"""a code by mail is added and asked for"""

from setting import same


def run(journey):
    cleo, home = journey.person("cleo"), journey.browser()
    journey.app.sign_in(home, cleo)
    home.go(f"{journey.issuer}/account/security/mail")
    home.submit({}, "/mail")
    home.submit({"code": journey.mailed("cleo", 1), "name": "Mail"}, "/code")
    same(home.page.count("<li><code>"), 10, "recovery codes")
    cleo.pages["mail"] = lambda: {"code": journey.mailed("cleo", 2)}
    one = journey.app.sign_in(journey.browser(), cleo)
    same(one.pages, ["login", "mail"], "pages")
    same(one.claims["acr"], "urn:tertulia:acr:2sv", "acr")
    same(one.claims["amr"], ["pwd", "otp", "mca"], "amr")
    return {"pages": one.pages, "amr": one.claims["amr"]}
