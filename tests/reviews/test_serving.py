"""What a reviewer is shown, and whom the server answers."""

import hashlib

import pytest
from frames_data import kept, write_frames
from review_data import BEAR, EVIL, UNLABELLED, ZEBRA, encoded, set_rows, write_dataset

from wildframe.core import schemas as contracts
from wildframe.core.errors import UserError
from wildframe.core.tables import write_rows
from wildframe.reviews.decisions import Decision, read_decisions
from wildframe.reviews.pairs import Images, Part, first_round, shuffled
from wildframe.reviews.server import TOKEN, make_app, make_local_server
from wildframe.reviews.serving import open_review

SETS = set_rows("a", [-2, 2]) + set_rows("b", [2]) + set_rows("c", [2])
NO = "correct;dissimilar"
GREY = hashlib.sha256(bytes([127]) * 64 * 48 * 3).hexdigest()[:16]
"""Version of the image that all are."""


@pytest.fixture
def paths(tmp_path):
    return write_dataset(tmp_path, SETS, broken=["c"])


def opened(paths, annotator="anna", number=1, part="1-of-1", **options):
    usual = {"targets": None, "seed": 0} | options
    return open_review(
        paths.shards,
        paths.statuses,
        paths.sets,
        paths.manifest,
        paths.classes,
        paths.decisions,
        annotator,
        number,
        part,
        **usual,
    )


def client_of(review):
    client = make_app(review).test_client()
    token = client.get("/token").json["token"]
    client.environ_base["HTTP_" + TOKEN.upper().replace("-", "_")] = token
    return client


def shown(pair, wnid=ZEBRA, name="zebra", version=GREY):
    """Return what the page is told of a pair whose candidate is two frames after its anchor."""
    common = {"version": version, "labels": [name], "media": f"{pair[0]}.mp4"}
    return {
        "anchor": common | {"id": pair[0], "frame": 100},
        "candidate": common | {"id": pair[1], "frame": 102},
        "place": "+2 frames",
        "labels": f"{wnid};{wnid}",
    }


def asked(pair, *tags, **other):
    anchor, image = pair
    return {
        "shown": shown(pair),
        "round": 1,
        "annotator": "anna",
        "anchor_id": anchor,
        "image_id": image,
        "tags": tags,
        "notes": "",
    } | other


def keep(paths, annotator, *rows):
    paths.decisions.mkdir(exist_ok=True)
    lines = [UNLABELLED]
    lines += [f"{n},{annotator},{a},{i},{tags},,2026-01-01T00:00:00Z" for n, a, i, tags in rows]
    (paths.decisions / f"{annotator}.csv").write_text("\n".join(lines) + "\n")


# ---- Which pairs --------------------------------------------------------------------------------

MANY = [row for number in range(200) for row in set_rows(f"anchor{number}", [1, 2])]
ALL = {row["image_id"] for row in MANY}


def test_parts_share_all_pairs_out_by_anchor():
    parts = [first_round(MANY, ALL, Part(number, 4)) for number in (1, 2, 3, 4)]
    assert sorted(pair for part in parts for pair in part) == sorted(
        first_round(MANY, ALL, Part(1, 1))
    )
    anchors = [{anchor for anchor, _ in part} for part in parts]
    assert sum(map(len, anchors)) == 200
    assert all(30 < len(part) < 70 for part in anchors)


@pytest.mark.parametrize("part", ["0-of-4", "5-of-4", "1of4", "1-of-0", "01-of-4", "-1-of-4", ""])
def test_parts_that_are_none(part):
    with pytest.raises(UserError, match="1-of-4"):
        Part.parse(part)


def test_the_order_is_the_seed_s():
    pairs = first_round(MANY, ALL, Part(1, 1))
    order = shuffled(pairs, 7)
    assert order == shuffled(reversed(pairs), 7)
    assert sorted(order) == sorted(pairs)
    assert order not in (pairs, shuffled(pairs, 8))
    # A set that goes away moves no other pair.
    left = [pair for pair in order if pair[0] != "anchor7"]
    assert shuffled(left, 7) == left


def test_images_are_read_where_they_lie(tmp_path):
    sets = set_rows("a", range(-9, 10))
    images = {row["image_id"]: encoded(100 + row["offset"]) for row in sets}
    paths = write_dataset(tmp_path, sets, images=images)
    found = Images(paths.shards, paths.statuses, images)
    assert {image: found.read(image) for image in found.readable} == {
        image: ("image/png", content) for image, content in images.items()
    }
    with pytest.raises(UserError, match=r"image a of v1/clips/a.mp4 is in none of the shards"):
        Images(paths.shards[:1], paths.statuses, images)
    with pytest.raises(UserError, match=r"image b is not in .*statuses.parquet \(1 such\)"):
        Images(paths.shards, paths.statuses, [*images, "b"])


def test_images_that_lie_elsewhere_since_the_start_are_not_shown(tmp_path):
    images = {"a": encoded(10), "a+2": encoded(20), "b": encoded(30), "b+2": encoded(40)}
    paths = write_dataset(tmp_path, set_rows("a", [2]) + set_rows("b", [2]), images=images)
    of = {image: kept(image, content) for image, content in images.items()}
    with opened(paths) as review:
        client = client_of(review)

        def told():
            return [client.get(f"/images/{one.replace('+', '%2B')}") for one in images]

        # Of a, b and of a+2, b+2: b is where a was, nothing where b was, b+2 is damaged.
        write_frames(tmp_path, [of["b"]], [of["a+2"], of["b+2"] | {"image": encoded(41)}])
        assert [one.status_code for one in told()] == [409, 200, 409, 409]
        assert told()[1].data == images["a+2"]
        answer = told()[0]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json["problem"] == (
            f"{paths.shards[0]}: image a was made anew or is damaged; start the review again, "
            "and if that does not help, delete the file and rerun."
        )
        paths.shards[1].unlink()
        assert [one.status_code for one in told()] == [409] * 4


def test_pairs_that_cannot_be_read_are_told_and_not_shown(paths, capsys):
    with opened(paths) as review:
        assert sorted(review.pairs) == [("a", "a+2"), ("a", "a-2"), ("b", "b+2")]
    assert (
        "are unreadable: 1 pair, the first of anchor c and image c+2\n" in capsys.readouterr().err
    )


def test_a_part_without_pairs_is_named(paths):
    ids = {row["image_id"] for row in SETS}
    parts = [f"{number}-of-9" for number in range(1, 10)]
    empty = next(part for part in parts if not first_round(SETS, ids, Part.parse(part)))
    with (
        pytest.raises(
            UserError, match=f"no pair to review: part {empty} has no readable candidates"
        ),
        opened(paths, part=empty),
    ):
        pass


def test_the_second_round_is_of_what_the_first_did_not_accept(paths):
    keep(paths, "anna", (1, "a", "a+2", NO), (1, "a", "a-2", "correct;similar"))
    keep(paths, "ben", (1, "b", "b+2", "dont know"), (2, "b", "b+2", NO))
    with opened(paths, "carl", 2) as review:
        assert sorted(review.pairs) == [("a", "a+2"), ("b", "b+2")]
        said = {pair: [one.tags for one in said] for pair, said in review.earlier.items()}
        assert said == {("a", "a+2"): [("correct", "dissimilar")], ("b", "b+2"): [("dont know",)]}
        assert review.decided == {}
    with opened(paths, "ben", 2) as review:
        assert list(review.decided) == [("b", "b+2")]
    # What somebody judged in the second round stays in it: the others can judge it, too.
    keep(paths, "ben", (1, "b", "b+2", "correct;similar"), (2, "b", "b+2", NO))
    with opened(paths, "anna", 2) as review:
        assert sorted(review.pairs) == [("a", "a+2"), ("b", "b+2")]


def test_a_second_round_needs_a_first(paths):
    with pytest.raises(UserError, match="none of round 1"), opened(paths, number=2):
        pass
    keep(paths, "anna", (1, "a", "a+2", "correct;similar"))
    with pytest.raises(UserError, match="round 1 accepted all"), opened(paths, "ben", 2):
        pass


def test_decisions_on_other_sets_are_refused_at_the_start(paths):
    keep(paths, "ben", (1, "z", "z+2", NO))
    with pytest.raises(UserError, match=r"decisions/ben\.csv: line 2: .*in no set"), opened(paths):
        pass
    # The file is free again.
    (paths.decisions / "ben.csv").unlink()
    with opened(paths):
        pass


def test_labels_have_names(tmp_path):
    sets = set_rows("a", [2], [ZEBRA, "n02403454", "n00000000"])
    paths = write_dataset(tmp_path, sets, names={ZEBRA: EVIL})
    with opened(paths) as review:
        assert review.facts[0]["anchor"]["labels"] == [EVIL, "n02403454", "n00000000"]
    with opened(paths, targets="ytbb24") as review:
        assert review.facts[0]["candidate"]["labels"] == ["zebra", "cow", "n00000000"]


def test_the_second_round_has_no_parts(paths, wildframe):
    tables = {
        "statuses": paths.statuses,
        "sets": paths.sets,
        "manifest": paths.manifest,
        "classes": paths.classes,
    }
    options = tables | {"decisions": paths.decisions, "annotator": "anna", "round": 2}
    arguments = [f"--{name}={value}" for name, value in (options | {"part": "1-of-2"}).items()]
    with pytest.raises(UserError, match="everybody reviews all pairs of round 2"):
        wildframe("reviews", "serve", *paths.shards, *arguments)
    assert not paths.decisions.exists()


# ---- Whom the server answers --------------------------------------------------------------------


def test_the_page_and_its_files(paths):
    with opened(paths) as review:
        client = client_of(review)
        for path in ("/", "/review.js", "/review.css", "/review", "/images/a%2B2"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert client.get("/images/a").data == encoded()
        for path in ("/images/c", "/images/none", "/labels.py", "/../labels.py", "/images/"):
            assert client.get(path).status_code == 404, path


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("127.0.0.1:8000", True),
        ("localhost:9000", True),
        ("evil.example:8000", False),
        ("127.0.0.1.evil.example:8000", False),
        ("0.0.0.0:8000", False),
        ("[::1]:8000", False),
    ],
)
def test_other_names_of_this_machine_are_refused(paths, host, is_ours):
    with opened(paths) as review:
        client = client_of(review)
        wanted = 200 if is_ours else 403
        for path in ("/", "/review", "/images/a"):
            assert client.get(path, headers={"Host": host}).status_code == wanted
        content = asked(("a", "a+2"), "similar")
        answer = client.post("/decisions", json=content, headers={"Host": host})
        assert answer.status_code == wanted
        assert len(review.decided) == is_ours


def test_other_sites_cannot_decide(paths):
    content = asked(("a", "a+2"), "similar")
    with opened(paths) as review:
        client = client_of(review)
        foreign = {"Sec-Fetch-Site": "cross-site"}
        assert client.post("/decisions", json=content, headers=foreign).status_code == 403
        assert client.get("/images/a", headers=foreign).status_code == 403
        # A link may lead to the page.
        assert client.get("/", headers=foreign).status_code == 200
        # What a form can send without leave.
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            answer = client.post("/decisions", data='{"round": 1}', content_type=kind)
            assert answer.status_code == 415
        assert client.options("/decisions").headers.get("Access-Control-Allow-Origin") is None
        assert review.decided == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "same-site"},
        {TOKEN: ""},
        {TOKEN: "guessed"},
        {TOKEN: "gu\xe9"},
    ],
)
def test_decisions_are_taken_of_this_page_only(paths, headers):
    with opened(paths) as review:
        answer = client_of(review).post(
            "/decisions", json=asked(("a", "a+2"), "similar"), headers=headers
        )
        assert answer.status_code == 403
        assert review.decided == {}


def test_nested_lists_are_told(paths):
    with opened(paths) as review:
        answer = client_of(review).post(
            "/decisions", data="[" * 30_000, content_type="application/json"
        )
        assert answer.status_code == 400


def test_a_file_that_another_program_broke_is_told_on_the_page(paths):
    with opened(paths) as review:
        client = client_of(review)
        review.file.path.write_text("round")
        answer = client.post("/decisions", json=asked(("a", "a+2"), "similar"))
        assert answer.status_code == 507
        assert "an incomplete last line" in answer.json["problem"]
        assert answer.json["problem"].endswith("The decision is not saved.")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (asked(("a", "a+2")), 422),
        (asked(("a", "a+2"), "similar", "dissimilar"), 422),
        (asked(("a", "a+2"), "correct", "incorrect"), 422),
        (asked(("a", "a+2"), "nice"), 422),
        (asked(("a", "a+2"), 5), 400),
        (asked(("a", "a+2"), "similar", notes="x" * 2001), 400),
        (asked(("a", "a+2"), "similar", notes=None), 400),
        (asked(("a", "a+2"), "similar", more=1), 400),
        (asked(("a", "a"), "similar"), 409),
        (asked(("c", "c+2"), "similar"), 409),
        (asked(("a", "a+2"), "similar", round=2), 409),
        (asked(("a", "a+2"), "similar", round=[1]), 400),
        (asked(("a", "a+2"), "similar", round=True), 400),
        (asked(("a", "a+2"), "similar", round=1.0), 400),
        (asked(("a", "a+2"), "similar", notes="\ud800"), 400),
        (asked(("a", "a+2"), "similar", annotator="ben"), 409),
        (asked(("a", "a+2"), "similar", shown=shown(("a", "a+2"), wnid=BEAR)), 409),
        (asked(("a", "a+2"), "similar", shown=shown(("a", "a+2"), name="bear")), 409),
        (asked(("a", "a+2"), "similar", shown=shown(("a", "a+2"), version="0" * 16)), 409),
        (asked(("a", "a+2"), "similar", shown=None), 409),
        ([], 400),
        ("similar", 400),
    ],
)
def test_what_is_no_decision_is_told_and_not_kept(paths, content, status):
    with opened(paths) as review:
        answer = client_of(review).post("/decisions", json=content)
        assert answer.status_code == status
        assert answer.json["problem"].endswith(".") or "not a label" in answer.json["problem"]
        assert read_decisions([review.file.path]) == ({}, [])


def test_decisions_are_kept_and_corrected(paths):
    with opened(paths) as review:
        client = client_of(review)
        first = asked(("a", "a+2"), "similar", "correct", notes="fine\nor not")
        for content in (first, first, asked(("a", "a+2"), "dont know")):
            assert client.post("/decisions", json=content).status_code == 200
        lines = review.file.path.read_text().splitlines()
        # The same twice is kept once, with the labels shown.
        assert [line.rpartition(",")[0] for line in lines[1:]] == [
            f"1,anna,a,a+2,correct;similar,fine or not,{ZEBRA};{ZEBRA}",
            f"1,anna,a,a+2,dont know,,{ZEBRA};{ZEBRA}",
        ]
    with opened(paths) as review:
        assert review.decided == {
            ("a", "a+2"): Decision(1, "anna", ("a", "a+2"), ("dont know",), "")
        }
        told = client_of(review).get("/review").json
        assert len(told["pairs"]) == 3
        assert [kept["tags"] for kept in told["decided"].values()] == [["dont know"]]


def test_a_pair_whose_labels_changed_is_undecided(paths, capsys):
    with opened(paths) as review:
        for pair in (("a", "a+2"), ("b", "b+2")):
            client_of(review).post("/decisions", json=asked(pair, "correct", "similar"))
    # The label of a was corrected.
    rows = set_rows("a", [-2, 2], [BEAR]) + SETS[3:]
    write_rows(paths.sets, contracts.SETS, rows)
    with opened(paths) as review:
        assert list(review.decided) == [("b", "b+2")]
        assert (
            f"anna.csv: line 2: made under the labels {ZEBRA};{ZEBRA}, which are {BEAR};{BEAR} "
            "now: it does not count (1 such decision)"
        ) in capsys.readouterr().err
        client, pair = client_of(review), ("a", "a+2")
        # A page that is open since before shows the old label.
        answer = client.post("/decisions", json=asked(pair, "correct", "similar"))
        assert answer.status_code == 409
        assert "Load the page again" in answer.json["problem"]
        now = asked(pair, "correct", "similar", shown=shown(pair, BEAR, "bear"))
        assert client.post("/decisions", json=now).status_code == 200
    with opened(paths) as review:
        assert set(review.decided) == {("a", "a+2"), ("b", "b+2")}


def test_a_full_disk_is_told(paths, monkeypatch):
    with opened(paths) as review:

        def fail(_decision):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(review.file, "append", fail)
        answer = client_of(review).post("/decisions", json=asked(("a", "a+2"), "similar"))
        assert answer.status_code == 507
        assert "No space left on device. The decision is not saved." in answer.json["problem"]
        assert review.decided == {}


@pytest.mark.parametrize("host", ["0.0.0.0", "localhost", "192.168.1.2", "::", ""])
def test_no_other_address_is_served(paths, host):
    with opened(paths) as review, pytest.raises(UserError, match="for this machine only"):
        make_local_server(make_app(review), host, 0)


def test_a_port_that_is_taken(paths):
    with opened(paths) as review:
        server = make_local_server(make_app(review), "127.0.0.1", 0)
        assert server.socket.getsockname()[0] == "127.0.0.1"
        with pytest.raises(UserError, match="--port"):
            make_local_server(make_app(review), "127.0.0.1", server.server_port)
        server.server_close()
