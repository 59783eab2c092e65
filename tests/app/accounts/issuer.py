"""A small issuer of OpenID Connect on the loopback: discovery, keys, codes with PKCE, signed tokens; it can be made to err."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "belcanto-here", "a secret of the test"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}) for kid in ("one", "two"))


class Issuer:
    """claims: over those of the token. key: what it signs with. metadata: over those that it tells of itself."""

    def __init__(self, server):
        self.url = f"http://127.0.0.1:{server.server_port}"
        self.claims, self.key, self.metadata, self.subject = {}, KEY, {}, {"sub": "subject-1", "preferred_username": "Clara"}
        #: code: what was asked for it.
        self.codes = {}
        self.wrong = []

    def discovery(self):
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    def authorize(self, location):
        """What the visitor's browser would do there: consents; gives the query of the way back."""
        asked = dict(parse_qsl(urlsplit(location).query))
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.url}

    def token(self, form):
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            return {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked["code_challenge"]:
            self.wrong.append("PKCE")
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        told = {name: value for name, value in {**claims, **self.subject, **self.claims}.items() if value is not None}
        signed = jwt.encode({"alg": "RS256", "kid": self.key.kid}, told, self.key)
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


@contextmanager
def issuing():
    """One that runs for the time of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = {"/.well-known/openid-configuration": made.discovery, "/keys": lambda: {"keys": [KEY.as_dict(private=False)]}}
            self.answer(found[self.path]())

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {basic}":
                made.wrong.append("client")
                return self.answer({"error": "invalid_client"}, 401)
            told = made.token(form)
            return self.answer(told, 400 if "error" in told else 200)

        def answer(self, told, status=200):
            text = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Issuer(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
