"""The review page: served to this machine's own browser, one pair at a time.

Images may be licensed and decisions must be the reviewer's own, so other sites are refused: the
server only listens on 127.0.0.1, refuses any other host name (a site can let its own name resolve
to this address), and accepts decisions only as JSON from its own page, which pages of other sites
cannot send without a preflight request, and with a token that only this page is told.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hmac import compare_digest
from mimetypes import guess_type
from secrets import token_urlsafe
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.serving import BaseWSGIServer, make_server

from wildframe.core.errors import UserError
from wildframe.core.pages import page_file
from wildframe.core.tables import Row
from wildframe.reviews.decisions import Decision, DecisionFile, Pair
from wildframe.reviews.labels import CONTRADICTIONS, LABELS, objection, ordered
from wildframe.reviews.pairs import Images

HOST = "127.0.0.1"

FILES = ("index.html", "base.css", "base.js", "review.css", "review.js")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

TOKEN = "X-Wildframe-Token"  # noqa: S105
"""Header of a decision: what the page was told, and no other site can know."""

_NOTES = 2000
"""Most characters of a note."""


@dataclass(frozen=True)
class Review:
    """The pairs of one reviewer, and the file of decisions."""

    title: str
    round: int
    pairs: Sequence[Pair]
    """In the order of the page."""
    facts: Sequence[Row]
    """Facts about each pair, from `pair_facts`."""
    images: Images
    file: DecisionFile
    decided: dict[Pair, Decision]
    """The reviewer's own decisions of this round; grows."""
    earlier: Mapping[Pair, Sequence[Decision]]
    """Decisions of round 1; empty in round 1."""


def make_app(review: Review) -> Flask:
    """Return the web application of a review."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    lock = threading.Lock()
    token = token_urlsafe()
    numbers = {pair: number for number, pair in enumerate(review.pairs)}

    @app.before_request
    def _only_this_machine() -> None:
        # Behind `ssh -L` the port may be another, the name is not.
        # Werkzeug puts the server's own name where there is none.
        if request.headers.get("Host", "").partition(":")[0] not in (HOST, "localhost"):
            abort(403, "This page only answers requests to 127.0.0.1.")
        site = request.headers.get("Sec-Fetch-Site", "none")
        if request.path != "/" and site not in ("none", "same-origin"):
            abort(403, "This page only answers its own requests.")
        origin = request.headers.get("Origin")
        if request.method == "POST" and (
            origin not in (None, f"http://{request.host}")
            or not compare_digest(request.headers.get(TOKEN, "").encode(), token.encode())
        ):
            abort(403, "This page only takes decisions of its own. Load the page again.")

    @app.after_request
    def _close_up(response: Response) -> Response:
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def _tell(error: HTTPException) -> tuple[Response, int]:
        return jsonify(problem=error.description), error.code or 500

    @app.errorhandler(RecursionError)
    def _refuse(_: RecursionError) -> tuple[Response, int]:
        return jsonify(problem="A decision is expected, not nested lists."), 400

    @app.get("/", defaults={"name": "index.html"})
    @app.get("/<name>")
    def _page(name: str) -> Response:
        if name not in FILES:
            abort(404, f"There is no {name}.")
        return Response(page_file("review", name), mimetype=guess_type(name)[0])

    @app.get("/favicon.ico")
    def _icon() -> Response:
        return Response(status=204)

    @app.get("/review")
    def _review() -> Response:
        return jsonify(
            title=review.title,
            round=review.round,
            annotator=review.file.annotator,
            labels=list(map(asdict, LABELS)),
            contradictions=CONTRADICTIONS,
            pairs=review.facts,
            earlier={numbers[pair]: list(map(_shown, of)) for pair, of in review.earlier.items()},
            decided={numbers[pair]: _shown(decision) for pair, decision in review.decided.items()},
        )

    @app.get("/token")
    def _token() -> Response:
        # Asked for with each decision: a page that is open outlives the server.
        return jsonify(token=token)

    @app.get("/images/<image_id>")
    def _image(image_id: str) -> Response:
        try:
            kind, content = review.images.read(image_id)
        except KeyError:
            abort(404, f"There is no image {image_id}.")
        except UserError as error:
            abort(409, f"{error}.")
        response = Response(content, mimetype=kind)
        # The URL changes with the pixels.
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    @app.post("/decisions")
    def _decide() -> tuple[Response, int] | Response:
        content = request.get_json()
        asked = _parse(content)
        # A page that is still open may reach the server of another review at the same address.
        if (asked.round, asked.annotator) != (review.round, review.file.annotator):
            abort(409, "Another review is served here now. Load the page again.")
        if asked.pair not in numbers:
            abort(409, "This pair is not in the review served here now. Load the page again.")
        facts = review.facts[numbers[asked.pair]]
        if content["shown"] != facts:
            abort(409, "This pair has other labels or images now. Load the page again.")
        if wrong := objection(asked.tags):
            abort(422, wrong)
        decision = replace(asked, tags=ordered(asked.tags), labels=facts["labels"])
        with lock:
            try:
                review.file.append(decision)
            except (OSError, UserError) as error:
                problem = f"{error}."
                if isinstance(error, OSError):
                    problem = f"{review.file.path} cannot be written: {error.strerror}."
                return jsonify(problem=f"{problem} The decision is not saved."), 507
            review.decided[decision.pair] = decision
        return jsonify(_shown(decision))

    return app


def make_local_server(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Return the server of an application, listening.

    Args:
        app: The application.
        host: Must be 127.0.0.1.
        port: Port, or 0 for a free one.

    Raises:
        UserError: The host is another, or the port is taken.
    """
    if host != HOST:
        raise UserError(
            f"--host {host}: the review page is for this machine only; use {HOST}, and reach it "
            "from elsewhere through `ssh -L`"
        )
    # The reviewer needs no log of requests.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        return make_server(HOST, port, app, threaded=True)
    except (OSError, SystemExit) as error:
        raise UserError(f"--port {port}: taken, or not allowed; choose another, or 0") from error


def _parse(content: Any) -> Decision:
    """Return the decision of a request, its tags not yet validated."""
    names = {"annotator", "anchor_id", "image_id", "notes"}
    if not isinstance(content, dict) or content.keys() != names | {"round", "tags", "shown"}:
        raise BadRequest("A decision is expected: round, annotator, pair, shown, tags and notes.")
    tags, texts = content["tags"], {name: content[name] for name in names}
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(tags, list):
        raise BadRequest("Annotator, pair and notes are texts, tags a list of texts.")
    if not all(isinstance(tag, str) for tag in tags) or len(texts["notes"]) > _NOTES:
        raise BadRequest(f"Tags are texts, and notes have up to {_NOTES} characters.")
    if any(0xD800 <= ord(letter) < 0xE000 for text in texts.values() for letter in text):
        raise BadRequest("Annotator, pair and notes are text in Unicode.")
    if type(content["round"]) is not int:
        raise BadRequest("The round is a number.")
    pair = (texts["anchor_id"], texts["image_id"])
    notes = " ".join(texts["notes"].split())
    return Decision(content["round"], texts["annotator"], pair, tuple(tags), notes)


def _shown(decision: Decision) -> Row:
    return {"annotator": decision.annotator, "tags": decision.tags, "notes": decision.notes}
