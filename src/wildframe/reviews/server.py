"""The review page: served to this machine's own browser, one pair at a time.

Images may be licensed and decisions must be the reviewer's own, so no other site is answered: the
server listens on 127.0.0.1 alone, refuses every other name for it (a site elsewhere can give its
own name this address), and takes decisions only as JSON from its own page, which the pages of other
sites cannot send without asking for leave first.
"""

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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

FILES = {
    "": ("index.html", "text/html"),
    "base.css": ("base.css", "text/css"),
    "base.js": ("base.js", "text/javascript"),
    "review.css": ("review.css", "text/css"),
    "review.js": ("review.js", "text/javascript"),
}

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_NOTES = 2000
"""Characters of a note at most."""


@dataclass(frozen=True)
class Review:
    """What one reviewer is shown, and where the decisions go."""

    title: str
    round: int
    pairs: Sequence[Pair]
    """In the order of the page."""
    facts: Sequence[Row]
    """What the page tells of each pair, as of `pair_facts`."""
    images: Images
    file: DecisionFile
    decided: dict[Pair, Decision]
    """The reviewer's own decisions of this round; grows."""
    earlier: Mapping[Pair, Sequence[Decision]]
    """What the first round said; empty in the first."""


def make_app(review: Review) -> Flask:
    """Return the web application of a review."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
    lock = threading.Lock()
    numbers = {pair: number for number, pair in enumerate(review.pairs)}

    @app.before_request
    def _only_this_machine() -> None:
        # Behind `ssh -L` the port may be another, the name is not.
        if request.host.partition(":")[0] not in (HOST, "localhost"):
            abort(403, "This page answers to 127.0.0.1 alone.")
        site = request.headers.get("Sec-Fetch-Site", "none")
        if request.path != "/" and site not in ("none", "same-origin"):
            abort(403, "This page answers to its own requests alone.")

    @app.after_request
    def _close_up(response: Response) -> Response:
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HTTPException)
    def _tell(error: HTTPException) -> tuple[Response, int]:
        return jsonify(problem=error.description), error.code or 500

    @app.get("/", defaults={"name": ""})
    @app.get("/<name>")
    def _page(name: str) -> Response:
        if name not in FILES:
            abort(404, f"There is no {name}.")
        file, kind = FILES[name]
        return Response(page_file("review", file), mimetype=kind)

    @app.get("/favicon.ico")
    def _icon() -> Response:
        return Response(status=204)

    @app.get("/review")
    def _review() -> Response:
        return jsonify(
            title=review.title,
            round=review.round,
            annotator=review.file.annotator,
            labels=[
                {"name": label.name, "key": label.key, "group": label.group}
                | {"kind": label.kind, "meaning": label.meaning}
                for label in LABELS
            ],
            contradictions=CONTRADICTIONS,
            pairs=review.facts,
            earlier={
                numbers[pair]: list(map(_told, said)) for pair, said in review.earlier.items()
            },
            decided={numbers[pair]: _told(decision) for pair, decision in review.decided.items()},
        )

    @app.get("/images/<image_id>")
    def _image(image_id: str) -> Response:
        try:
            kind, content = review.images.read(image_id)
        except KeyError:
            abort(404, f"There is no image {image_id}.")
        response = Response(content, mimetype=kind)
        # The address changes with the pixels.
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    @app.post("/decisions")
    def _decide() -> tuple[Response, int] | Response:
        asked = _asked(request.get_json())
        # A page that was left open may meet the server of another review at the same address.
        if (asked.round, asked.annotator) != (review.round, review.file.annotator):
            abort(409, "Another review is served here now. Load the page again.")
        if asked.pair not in numbers:
            abort(409, "This pair is not of the review served here now. Load the page again.")
        if wrong := objection(asked.tags):
            abort(422, wrong)
        decision = replace(asked, tags=ordered(asked.tags))
        with lock:
            if review.decided.get(decision.pair) != decision:
                try:
                    review.file.append(decision)
                except OSError as error:
                    problem = f"{review.file.path} cannot be written: {error.strerror}. "
                    return jsonify(problem=problem + "The decision is not kept."), 507
                review.decided[decision.pair] = decision
        return jsonify(_told(decision))

    return app


def make_local_server(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """Return the server of an application, listening.

    Args:
        app: The application.
        host: 127.0.0.1; all else is refused.
        port: Port, or 0 for a free one.

    Raises:
        UserError: The host is another, or the port is taken.
    """
    if host != HOST:
        raise UserError(
            f"--host {host}: the review page is for this machine alone; leave it at {HOST}, and "
            "reach it from elsewhere through `ssh -L`"
        )
    # A line a request tells a reviewer nothing.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        return make_server(HOST, port, app, threaded=True)
    except (OSError, SystemExit) as error:
        raise UserError(f"--port {port}: taken, or not allowed; choose another, or 0") from error


def _asked(content: Any) -> Decision:
    """Return what a request asks to keep, its tags as they came."""
    names = {"annotator", "anchor_id", "image_id", "notes"}
    if not isinstance(content, dict) or content.keys() != names | {"round", "tags"}:
        raise BadRequest("A decision is expected: round, annotator, pair, tags and notes.")
    tags, texts = content["tags"], {name: content[name] for name in names}
    if not all(isinstance(text, str) for text in texts.values()) or not isinstance(tags, list):
        raise BadRequest("Annotator, pair and notes are texts, tags a list of texts.")
    if not all(isinstance(tag, str) for tag in tags) or len(texts["notes"]) > _NOTES:
        raise BadRequest(f"Tags are texts, and notes have up to {_NOTES} characters.")
    pair = (texts["anchor_id"], texts["image_id"])
    notes = " ".join(texts["notes"].split())
    return Decision(content["round"], texts["annotator"], pair, tuple(tags), notes)


def _told(decision: Decision) -> Row:
    return {"annotator": decision.annotator, "tags": decision.tags, "notes": decision.notes}
