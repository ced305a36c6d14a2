"""an authenticator app is added and asked for; a recovery code replaces it"""

import re

from person import Authenticator
from setting import same


def run(journey):
    bea, home = journey.person("bea"), journey.browser()
    journey.app.sign_in(home, bea)
    home.go(f"{journey.issuer}/account/security/totp")
    bea.authenticator = Authenticator(re.search(r'class="key">([^<]+)<', home.page)[1])
    home.submit({"name": "Phone", "code": bea.authenticator.next()})
    bea.recovery = re.findall(r"<li><code>([^<]+)<", home.page)
    same(len(bea.recovery), 10, "recovery codes")
    one = journey.app.sign_in(journey.browser(), bea)
    same(one.pages, ["login", "totp"], "pages")
    same(one.claims["acr"], "urn:tertulia:acr:mfa", "acr")
    lost = journey.browser()

    def without_phone():
        lost.go(lost.url.replace("/totp", "/recovery"))
        return {"code": bea.recovery.pop()}

    bea.pages["totp"] = without_phone
    two = journey.app.sign_in(lost, bea)
    same(two.claims["acr"], "urn:tertulia:acr:2sv", "acr of a recovery code")
    return {"pages": one.pages, "amr": one.claims["amr"]}
