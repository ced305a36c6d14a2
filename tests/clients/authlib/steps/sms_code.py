"""a code by SMS is added and asked for"""

from setting import same


def run(journey):
    dora, home = journey.person("dora"), journey.browser()
    journey.app.sign_in(home, dora)
    home.go(f"{journey.issuer}/account/security/phone")
    home.submit({"country": "ES", "number": "600 111 222"}, "/phone")
    home.submit({"code": journey.texted("+34600111222", 1), "name": "Phone"}, "/code")
    same(home.page.count("<li><code>"), 10, "recovery codes")
    dora.pages["sms"] = lambda: {"code": journey.texted("+34600111222", 2)}
    one = journey.app.sign_in(journey.browser(), dora)
    same(one.pages, ["login", "sms"], "pages")
    same(one.claims["acr"], "urn:tertulia:acr:2sv", "acr")
    same(one.claims["amr"], ["pwd", "otp", "sms"], "amr")
    return {"pages": one.pages, "amr": one.claims["amr"]}
