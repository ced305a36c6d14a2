"""An app as Authlib makes it, without a web framework: the same class its Flask client is made of."""

from types import SimpleNamespace
from urllib.parse import urljoin

from authlib.integrations.base_client import (
    BaseApp,
    FrameworkIntegration,
    OAuth2Mixin,
    OAuthError,
    OpenIDMixin,
)
from authlib.integrations.requests_client import OAuth2Session

SCOPE = "openid profile email offline_access chat"


class Memory(FrameworkIntegration):
    """Keeps nothing when a token is refreshed: each step looks at its own tokens."""

    def update_token(self, token, refresh_token=None, access_token=None):
        pass


class App(OAuth2Mixin, OpenIDMixin, BaseApp):
    """Knows the provider by its document only."""

    client_cls = OAuth2Session

    def __init__(self, journey, made, **more):
        secret = made.get("client_secret")
        method = "client_secret_basic" if secret else "none"
        super().__init__(
            Memory("journey"),
            "journey",
            client_id=made["client_id"],
            client_secret=secret,
            server_metadata_url=f"{journey.issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": SCOPE,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": method,
                "revocation_endpoint_auth_method": method,
                **more,
            },
        )
        self.redirect, self.bye = f"{journey.home}/callback", f"{journey.home}/bye"
        self.resource = urljoin(journey.base, "/api")

    def session(self, token=None):
        """Authlib's session for the provider's endpoints."""
        metadata = self.load_server_metadata()
        session = self._get_oauth_client(**metadata)
        session.token = token
        return session

    def ask(self, browser, person, **more):
        """Where the browser ends up, and which of the provider's pages it saw on the way."""
        asked = self.create_authorization_url(self.redirect, **{"resource": self.resource, **more})
        browser.go(asked["url"])
        pages = person.walk(browser)
        assert browser.url.startswith(self.redirect), f"ended at {browser}"
        return SimpleNamespace(asked=asked, pages=pages, answer=browser.answer)

    def exchange(self, at, **more):
        """Tokens for the code; checks state, nonce and signature."""
        assert at.answer.get("state") == at.asked["state"], at.answer
        if "error" in at.answer:
            raise OAuthError(at.answer["error"], at.answer.get("error_description"))
        verifier = {"code_verifier": at.asked["code_verifier"], **more}
        tokens = self.fetch_access_token(self.redirect, code=at.answer["code"], **verifier)
        return tokens, self.parse_id_token(tokens, nonce=at.asked["nonce"])

    def sign_in(self, browser, person, **more):
        """The whole way: the pages seen, the tokens and the ID token's claims."""
        at = self.ask(browser, person, **more)
        at.tokens, at.claims = self.exchange(at)
        return at

    def refresh(self, token, **more):
        """Tokens for a refresh token."""
        url = self.load_server_metadata()["token_endpoint"]
        return self.session({"refresh_token": token}).refresh_token(url, token, **more)

    def revoke(self, token, **more):
        """Gives a token back."""
        url = self.load_server_metadata()["revocation_endpoint"]
        answer = self.session().revoke_token(url, token=token, **more)
        assert answer.status_code == 200, answer.text

    def introspect(self, token):
        """What the provider says about a token."""
        url = self.load_server_metadata()["introspection_endpoint"]
        answer = self.session().introspect_token(url, token=token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def proof(self):
        """How the app proves who it is where Authlib has no function of its own."""
        return self.session().client_auth("client_secret_basic")

    def end_session(self, **asked):
        """Where to send the browser to sign out."""
        return self.create_logout_url(self.bye, **asked)


def refused(work):
    """The word with which something was refused; an error if it was not."""
    try:
        answer = work()
    except OAuthError as error:
        return error.error
    raise AssertionError(f"it was not refused: {answer}")
