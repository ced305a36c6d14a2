"""three apps are registered and find the provider by its issuer"""

from app import SCOPE, App


def run(journey):
    uris = ["--redirect-uri", f"{journey.home}/callback"]
    uris += ["--post-logout-redirect-uri", f"{journey.home}/bye"]
    ear = ["--backchannel-logout-uri", f"{journey.home}/signed-out"]
    words = ["client", "create", "--scope", SCOPE, *uris]
    journey.app = App(journey, journey.operate(*words, *ear, "--name", "Calendar"))
    journey.pocket = App(journey, journey.operate(*words, "--name", "Phone", "--public"))
    journey.other = App(journey, journey.operate(*words, "--name", "Other"))
    server = journey.app.load_server_metadata()
    assert server["issuer"] == journey.issuer, server
    return {"pkce": server["code_challenge_methods_supported"]}
