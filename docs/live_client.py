"""A portrait of yours says something: python docs/live_client.py PICTURE TEXT [http://127.0.0.1:5000]. See LIVE_API.md."""

import json
import sys
import time
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

picture, text, server = Path(sys.argv[1]), sys.argv[2], (*sys.argv[3:], "http://127.0.0.1:5000")[0]
opener = build_opener(HTTPCookieProcessor(CookieJar()))  # the cookie of the first answer says who we are


def ask(method: str, path: str, body: object = None, kind: str = "application/json") -> Any:
    """The answer's JSON; raises HTTPError where it is refused."""
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    with opener.open(Request(server + path, data, {"Content-Type": kind}, method=method)) as answer:
        return json.loads(answer.read() or b"null")


head = f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{picture.name}"\r\n\r\n'.encode()
form = head + picture.read_bytes() + b"\r\n--cut--\r\n"
portrait = ask("POST", "/api/v1/pictures", form, "multipart/form-data; boundary=cut")
order = {"portrait": {"picture": portrait["id"]}, "persona": "aria", "mind": {"kind": "read_aloud"}}
session = ask("POST", "/api/v1/live/sessions", order)["links"]["self"]
while not (told := ask("GET", session))["ready"]:
    if told["failed"]:
        sys.exit(told["failed"])
    time.sleep(0.5)
ask("POST", f"{session}/say", {"text": text})
spoke = False
with opener.open(f"{server}{session}/events") as events:
    for line in events:
        if line.startswith(b"data: "):
            happened = json.loads(line.removeprefix(b"data: "))
            print(happened)
            spoke = spoke or happened.get("state") == "speaking"
            if spoke and happened.get("state") == "idle":
                break
Path("timeline.json").write_text(json.dumps(ask("GET", f"{session}/timeline"), indent=1))
ask("DELETE", session)
