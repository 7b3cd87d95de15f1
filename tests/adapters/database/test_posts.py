"""Where messages were posted, what replies rest on; and what waits for the commit."""

from contextlib import suppress
from datetime import timedelta

from bot.post import Outgoing


def card(destination="telegram:-1005/topics", key="7KM:card", **payload):
    return Outgoing(destination, key, {"card": "7KM", **payload}, cause="7KM")


def test_a_card_is_found_by_its_topic_and_by_its_message(database):
    with database.work() as work:
        work.posts.keep(card(), "77/1234")
        work.posts.keep(card(key="7KM:line", asks="reply"), "77/1240")
    with database.work() as work:
        assert work.posts.id_of("7KM:card") == "77/1234"
        assert work.posts.id_of("other") is None
        assert work.posts.in_thread("telegram:-1005", "77").key == "7KM:card"
        assert work.posts.answered("telegram:-1005", "1240").asks == "reply"
        assert work.posts.answered("telegram:-1006", "1240") is None
        assert work.posts.in_thread("telegram:-1005", "") is None


def test_a_group_that_moves_takes_its_posts_along(database):
    with database.work() as work:
        work.posts.keep(card("telegram:-5"), "9")
        work.posts.move("telegram:-5", "telegram:-1005")
    with database.work() as work:
        assert work.posts.answered("telegram:-1005", "9").destination == "telegram:-1005"


def test_old_posts_and_replies_are_forgotten(database):
    with database.work() as work:
        work.posts.keep(card(), "1")
        work.replies.keep("r1", "slack:U1", "answered", "ja", [{"head": "h", "text": "t"}])
        work.replies.keep("r2", "slack:U2", "no_source", "ja", [])
    with database.work() as work:
        assert work.replies.counts(work.now() - timedelta(days=1)) == {"answered": 1, "no_source": 1}
        assert work.replies.forget("slack:U2") == 1
        assert work.posts.purge(work.now() - timedelta(days=1)) == 0
        assert work.posts.purge(work.now() + timedelta(days=1)) == 1
        assert work.replies.purge(work.now() + timedelta(days=1)) == 1


def test_only_who_asked_rates_a_reply(database):
    with database.work() as work:
        work.replies.keep("r1", "slack:U1", "answered", "ja", [{"head": "h", "text": "t"}])
        assert not work.replies.rate("r1", "slack:U2", "bad")
        assert work.replies.rate("r1", "slack:U1", "bad", "理由")
        assert work.replies.get("r1").quotes == ({"head": "h", "text": "t"},)
        assert work.replies.get("r2") is None


def test_what_waits_for_the_commit_is_done_after_it_and_only_then(database):
    done = []
    with database.work() as work:
        work.afterwards(lambda: done.append("kept"))
        work.audit.note("bot", "noted")
        assert done == []
    assert done == ["kept"]
    with suppress(KeyError), database.work() as work:
        work.afterwards(lambda: done.append("lost"))
        raise KeyError
    assert done == ["kept"]


def test_the_depth_counts_what_is_not_sent_to_the_platforms_asked_for(database):
    with database.work() as work:
        assert work.outbox.depth(["slack"]) == (0, None)
        work.outbox.put(Outgoing("slack:C1", "a", {}))
        work.outbox.put(Outgoing("console:desk", "b", {}))
    with database.work() as work:
        depth, oldest = work.outbox.depth(["slack", "telegram"])
        assert depth == 1
        assert abs(work.now() - oldest) < timedelta(minutes=5)
