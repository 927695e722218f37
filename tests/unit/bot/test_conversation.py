"""What a person says, and what comes of it: reports for all, changes only as shown and confirmed, stops at once."""

import re
from pathlib import Path

import msgspec
import pytest

from sagetrade_nautilus.bot.authority import Refusal
from sagetrade_nautilus.bot.commands import COMMANDS
from sagetrade_nautilus.bot.telegram.wire import Delete, Edit, Incoming, Menu, TapHeard
from sagetrade_nautilus.errors import JournalError
from sagetrade_nautilus.guard import password as password_module
from sagetrade_nautilus.guard.breaker import Trip
from sagetrade_nautilus.guard.journal import Journal
from sagetrade_nautilus.guard.latch import Latch
from sagetrade_nautilus.guard.password import Password
from sagetrade_nautilus.guard.records import RunRecord
from sagetrade_nautilus.guard.state import State
from sagetrade_nautilus.messages import Note, StrategySwitch
from tests.support import bot_node
from tests.support.bot import NOW, OWNER, PASSWORD, SECOND, TRADER, VIEWER, Bot, code_in, last

WRONG = "ZZZZ-ZZZZ"
CHANGES = {"enable news", "disable momentum", "pause", "resume", "emergency_stop", "flatten", "approve exp-1"}
REPORTS = sorted(set(COMMANDS) - {change.split()[0] for change in CHANGES})


@pytest.fixture
def bot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(password_module, "COST_LOG2", 4)
    return Bot(tmp_path)


def with_password(bot: Bot) -> None:
    Password(bot.folder / "latch.json").set(PASSWORD)


def halt(bot: Bot) -> None:
    Latch(bot.folder / "latch.json").engage(State.HALTED, "a test", "test", NOW)


def changed(bot: Bot) -> list[object]:
    """Return all that was changed: the switch, and strategies."""
    switches = [what for what in bot.heard if isinstance(what, StrategySwitch)]
    return [*switches, *([] if bot.state is State.RUNNING else [bot.state])]


# Reports


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_given_to_a_viewer_in_either_language(tmp_path: Path, name: str, language: str) -> None:
    bot = Bot(tmp_path, language=language)
    said = bot.say(f"/{name}", VIEWER)
    assert said
    assert "{" not in said
    assert changed(bot) == []
    arabic = any("\u0600" <= letter <= "\u06ff" for letter in said)
    assert arabic is (language == "ar")


def test_a_status_says_what_trades_and_what_it_is_worth(bot: Bot) -> None:
    said = bot.say("/status", VIEWER)
    assert "🟢 Trading: <b>running</b>" in said
    assert "101,000.00 USDT" in said
    assert "+1,000.00 USDT (+1.00%)" in said


def test_a_halt_is_seen_in_the_status_with_its_reason(bot: Bot) -> None:
    halt(bot)
    said = bot.say("/status")
    assert "🔴 Trading: <b>halted</b>" in said
    assert "a test" in said


def test_a_position_is_shown_with_its_exits_and_what_it_stands_at(bot: Bot) -> None:
    said = bot.say("/open_positions", VIEWER)
    assert "long 0.5 BTCUSDT" in said
    assert "+500.00 USDT (+1.67%)" in said
    assert "Stop 59,000, target 62,000" in said


def test_a_coin_that_is_held_is_told_with_all_its_decimals(bot: Bot) -> None:
    """0.0025 bitcoin are a hundred dollars, and no 0.00."""
    bot.change = lambda seen: msgspec.structs.replace(seen, balances={"BTC": 0.00254, "ETH": 1.23456, "USDT": 100.5})
    said = bot.say("/balance", VIEWER)
    assert "0.00254 BTC\n1.23456 ETH\n100.50 USDT" in said


def test_a_limit_is_shown_with_its_value_and_distance_and_an_unknown_one_first(bot: Bot) -> None:
    said = bot.say("/risk", VIEWER)
    assert "30% of 60%, 30% left" in said
    assert said.index("not known now") < said.index("Gross exposure")
    assert "Worth of an order, of equity: <b>50%</b>" in said


def test_headlines_are_data(bot: Bot) -> None:
    assert "&lt;b&gt;Up&lt;/b&gt; &amp; away" in bot.say("/news", VIEWER)


@pytest.mark.parametrize("word", ["btc", "BTCUSDT", "btc/usdt", "BTCUSDT.BINANCE", " Btc "])
def test_a_signal_is_found_by_what_people_call_the_instrument(bot: Bot, word: str) -> None:
    said = bot.say(f"/signal {word}", VIEWER)
    assert "BTCUSDT: down" in said
    assert "RSI (14): −0.400 × 50% = −0.200" in said


@pytest.mark.parametrize("word", ["doge", "t", "<b>", "🙂", "eth; drop"])
def test_an_unknown_symbol_is_answered_with_those_that_are_known(bot: Bot, word: str) -> None:
    send = last(bot.hear(f"/signal {word}", VIEWER))
    assert "I do not know" in send.text
    assert [button.tap for row in send.rows for button in row] == ["r:signal BTCUSDT", "r:signal ETHUSDT"]


def test_what_tripped_is_told_with_its_numbers(bot: Bot) -> None:
    trip = Trip("max_daily_loss_pct", 3.2, 3.0, NOW, State.REDUCE_ONLY, True)
    bot.view = msgspec.structs.replace(bot.view, trips=(trip,))
    said = bot.say("/why", VIEWER)
    assert "Loss of the day" in said
    assert "3.2%, the limit is 3%" in said
    assert "00:00 UTC" in said


@pytest.mark.parametrize(
    "words", ["/explain", "/explain nothing-0001", "/why O-1", "/nonsense", "/approve", "/enable x"]
)
def test_what_makes_no_sense_gets_a_helpful_answer(bot: Bot, words: str) -> None:
    assert len(bot.say(words)) > 20
    assert changed(bot) == []


def test_a_question_goes_to_the_advisor_and_its_plain_words_are_no_mark_up(bot: Bot) -> None:
    assert last(bot.hear("should I buy?", VIEWER)).text == "en: &lt;13 letters&gt;"
    assert last(bot.hear("x" * 5_000)).text == "en: &lt;1000 letters&gt;"


def test_a_position_is_looked_at_on_its_chart_by_a_tap(bot: Bot) -> None:
    taps = [button.tap for row in last(bot.hear("/open_positions", VIEWER)).rows for button in row]
    assert taps == ["r:open_positions momentum-0001", "r:explain momentum-0001"]
    assert last(bot.tap(taps[0], VIEWER)).picture == b"momentum-0001"


@pytest.mark.parametrize(("name", "period"), [("weekly", "week"), ("performance", "day")])
def test_results_come_with_a_picture(bot: Bot, name: str, period: str) -> None:
    assert last(bot.hear(f"/{name}", VIEWER)).picture == f"equity: {period}".encode()


def test_what_fails_is_told_in_a_sentence(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise JournalError("the journal <is> gone")

    monkeypatch.setattr(bot.desk.history, "_read", fail)
    assert "the journal &lt;is&gt; gone" in bot.say("/trades")


# Languages and settings


def test_each_person_is_spoken_to_in_the_language_that_they_chose_over_a_restart(bot: Bot) -> None:
    sent = bot.tap("r:settings language ar", VIEWER)
    assert "بالعربية" in last(sent).text
    menus = [what for what in sent if isinstance(what, Menu)]
    assert dict(menus[0].commands)["status"].startswith("ما الذي")
    assert "Trading" in bot.say("/status", OWNER)
    assert "التداول" in bot.say("/status", VIEWER)
    bot.store.write(bot.store.snapshot(()))
    again = Bot(bot.folder)
    assert "التداول" in again.say("/status", VIEWER)
    assert Note(f"settings:{VIEWER}", "language ar", f"telegram:{VIEWER}") in bot.notes


def test_a_choice_is_checked_kept_and_shown(bot: Bot) -> None:
    assert "Time zone (zone): <b>UTC</b>" in bot.say("/settings", VIEWER)
    assert "Write it as Asia/Riyadh" in bot.say("/settings zone nowhere", VIEWER)
    assert "Time zone (zone): <b>Asia/Riyadh</b>" in bot.say("/settings zone Asia/Riyadh", VIEWER)
    assert bot.store.settings(VIEWER).choices == {"zone": "Asia/Riyadh"}
    assert "<b>UTC</b>" in bot.say("/settings nonsense x", OWNER)


def test_a_menu_holds_what_its_person_may_do(bot: Bot) -> None:
    def names(user_id: int) -> set[str]:
        return {name for name, _ in bot.conversation.menu(user_id, bot_role(user_id)).commands}

    assert names(VIEWER) == set(REPORTS)
    assert names(TRADER) == set(COMMANDS) - {"enable", "approve"}
    assert names(OWNER) == set(COMMANDS)


def bot_role(user_id: int) -> object:
    from tests.support.bot import USERS

    return USERS[user_id]


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (Refusal.OLD, 1),
        (Refusal.FLOOD, 1),
        (Refusal.FORWARDED, 1),
        (Refusal.EDITED, 1),
        (Refusal.REPLAYED, 0),
        (Refusal.STRANGER, 0),
        (Refusal.GROUP, 0),
    ],
)
def test_who_is_not_heard_is_told_only_where_it_helps(bot: Bot, refusal: Refusal, told: int) -> None:
    incoming = Incoming(update_id=1, user_id=OWNER, chat_id=OWNER, message_id=1)
    assert len(bot.conversation.refused(incoming, refusal)) == told


# Roles


@pytest.mark.parametrize("command", sorted(CHANGES))
def test_a_viewer_changes_nothing(bot: Bot, command: str) -> None:
    with_password(bot)
    assert "needs the role of" in bot.say(f"/{command}", VIEWER)
    assert "needs the role of" in last(bot.tap(f"r:{command}", VIEWER)).text
    assert changed(bot) == []
    assert [note.by for note in bot.notes] == [f"telegram:{VIEWER}"] * 2


@pytest.mark.parametrize("command", ["enable news", "approve exp-1"])
def test_a_trader_changes_nothing_that_an_owner_must(bot: Bot, command: str) -> None:
    with_password(bot)
    assert "needs the role of owner" in bot.say(f"/{command}", TRADER)
    assert changed(bot) == []


def test_a_trader_resumes_from_a_pause_and_an_owner_from_a_stop(bot: Bot) -> None:
    halt(bot)
    assert "only an owner" in bot.say("/resume", TRADER)
    bot.tap(f"c:{code_in(last(bot.hear('/resume', OWNER)))}")
    assert bot.state is State.RUNNING
    Latch(bot.folder / "latch.json").engage(State.NO_ENTRIES, "a test", "test", NOW)
    bot.tap(f"c:{code_in(last(bot.hear('/resume', TRADER)))}", TRADER)
    assert bot.state is State.RUNNING


# Stops


@pytest.mark.parametrize("user_id", [TRADER, OWNER])
@pytest.mark.parametrize("before", list(State))
def test_an_emergency_stop_halts_at_once_from_any_state_without_a_code(bot: Bot, user_id: int, before: State) -> None:
    if before is not State.RUNNING:
        Latch(bot.folder / "latch.json").engage(before, "a test", "test", NOW)
    said = bot.say("/emergency_stop", user_id)
    record = Latch(bot.folder / "latch.json").read()
    assert record.state is State.HALTED
    assert record.by == f"telegram:{user_id}"
    assert "Halted" in said or "halted already" in said
    assert re.search(r"Orders cancelled: 3, sent within \d+\.\d ms", said)
    assert "Still open, positions: 1, and no order protects them" in said


def test_an_emergency_stop_works_where_the_kill_switchs_file_is_damaged(bot: Bot) -> None:
    (bot.folder / "latch.json").write_bytes(b"nonsense")
    assert "halted" in bot.say("/emergency_stop").lower()
    assert Latch(bot.folder / "latch.json").read().by == f"telegram:{OWNER}"


def test_a_node_that_does_not_answer_is_owned_up_to(tmp_path: Path) -> None:
    bot = Bot(tmp_path, answers=False)
    assert "has not answered" in bot.say("/emergency_stop")
    assert bot.state is State.HALTED


def test_flatten_halts_and_asks_to_close_once_confirmed(bot: Bot) -> None:
    send = last(bot.hear("/flatten", TRADER))
    assert "orders to cancel: 0, positions to close at the market: 1" in send.text
    assert bot.state is State.RUNNING
    bot.change = lambda seen: msgspec.structs.replace(seen, positions=())
    bot.tap(f"c:{code_in(send)}", TRADER)
    record = Latch(bot.folder / "latch.json").read()
    assert (record.state, record.flatten) == (State.HALTED, True)


# Codes


def test_a_pause_is_shown_confirmed_and_done(bot: Bot) -> None:
    send = last(bot.hear("/pause", TRADER))
    assert "nothing opens" in send.text
    assert bot.state is State.RUNNING
    sent = bot.tap(f"c:{code_in(send)}", TRADER)
    assert isinstance(sent[0], TapHeard)
    assert isinstance(sent[1], Edit)
    assert code_in(send) not in sent[1].text
    assert bot.state is State.NO_ENTRIES
    assert [note.state.split(":")[0] for note in bot.notes] == ["asked", "confirmed"]


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower", "bare"])
def test_a_code_may_be_typed(bot: Bot, typed: str) -> None:
    code = code_in(last(bot.hear("/pause")))
    bot.say({"lower": code.lower(), "bare": code.replace("-", "")}.get(typed, typed.format(code)))
    assert bot.state is State.NO_ENTRIES


def test_a_code_is_good_once(bot: Bot) -> None:
    code = code_in(last(bot.hear("/disable momentum")))
    bot.tap(f"c:{code}")
    assert "nothing to confirm" in last(bot.tap(f"c:{code}")).text
    assert len(changed(bot)) == 1


def test_a_code_is_good_for_its_own_person(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause", OWNER)))
    assert "nothing to confirm" in last(bot.tap(f"c:{code}", TRADER)).text
    bot.hear("/pause", TRADER)
    assert "Wrong code" in last(bot.tap(f"c:{code}", TRADER)).text
    assert changed(bot) == []


def test_a_newer_question_voids_the_older_code(bot: Bot) -> None:
    older = code_in(last(bot.hear("/pause")))
    bot.hear("/disable momentum")
    assert "Wrong code" in last(bot.tap(f"c:{older}")).text
    assert changed(bot) == []


def test_a_code_does_not_outlive_its_time_nor_a_restart(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause")))
    bot.now_ns += 121 * SECOND
    assert "expired" in last(bot.tap(f"c:{code}")).text
    code = code_in(last(bot.hear("/pause")))
    again = Bot(bot.folder)
    again.now_ns = bot.now_ns
    assert "nothing to confirm" in last(again.tap(f"c:{code}")).text
    assert changed(again) == []


def test_what_has_changed_since_it_was_shown_is_not_done(bot: Bot) -> None:
    halt(bot)
    code = code_in(last(bot.hear("/resume")))
    Latch(bot.folder / "latch.json").engage(State.HALTED, "another reason", "test", NOW)
    assert "not how things stand" in last(bot.tap(f"c:{code}")).text
    assert bot.state is State.HALTED


def test_a_cancelled_question_is_void(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause")))
    assert "Given up" in last(bot.tap("x:")).text
    assert "nothing to confirm" in last(bot.tap(f"c:{code}")).text
    assert changed(bot) == []


def test_wrong_codes_lock_for_longer_and_longer_over_a_restart_and_keep_no_stop_waiting(bot: Bot) -> None:
    code = code_in(last(bot.hear("/pause")))
    for _ in range(3):
        assert "Wrong code" in last(bot.tap(f"c:{WRONG}")).text
    assert "Too many wrong answers" in last(bot.tap(f"c:{code}")).text
    again = Bot(bot.folder)
    assert "Too many wrong answers" in again.say("/disable momentum")
    assert changed(again) == []
    again.say("/emergency_stop")
    assert again.state is State.HALTED


def test_one_persons_lock_holds_up_nobody_else(bot: Bot) -> None:
    bot.hear("/pause", TRADER)
    for _ in range(4):
        bot.tap(f"c:{WRONG}", TRADER)
    bot.tap(f"c:{code_in(last(bot.hear('/pause', OWNER)))}", OWNER)
    assert bot.state is State.NO_ENTRIES


def test_plain_words_are_no_code_while_one_is_awaited(bot: Bot) -> None:
    bot.hear("/pause")
    for words in ("should I sell", "sell btc", "ok", "show risk"):
        assert "letters" in bot.say(words)


@pytest.mark.parametrize("tap", ["", "c:", "c:\udc80", "z:9", "r:", "r:nonsense", "c:" + "9" * 60, "p:1:1"])
def test_a_button_that_nobody_made_changes_nothing(bot: Bot, tap: str) -> None:
    bot.hear("/pause")
    bot.hear(user_id=OWNER, tap=tap or "?", tap_id="1", sent_s=None)
    assert changed(bot) == []


@pytest.mark.parametrize("name", ["pause", "disable momentum", "flatten"])
def test_what_only_tightens_can_be_approved_by_the_configuration(tmp_path: Path, name: str) -> None:
    bot = Bot(tmp_path, auto_approve=[name.split(maxsplit=1)[0]])
    bot.change = lambda seen: msgspec.structs.replace(seen, positions=())
    bot.say(f"/{name}")
    assert changed(bot) != []
    assert "approved by the configuration" in bot.notes[0].state


def test_what_allows_more_cannot_be_approved_by_the_configuration(tmp_path: Path) -> None:
    bot = Bot(tmp_path, auto_approve=["pause"])
    for name in ("resume", "enable", "approve", "emergency_stop"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({"auto_approve": [name]}, type(bot.config))


# The password


def give(bot: Bot, command: str, password: str) -> list[object]:
    bot.tap(f"c:{code_in(last(bot.hear(command)))}")
    return list(bot.hear(password))


def test_what_changes_the_risk_needs_the_password_whose_message_is_deleted(bot: Bot) -> None:
    with_password(bot)
    send = last(bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}"))
    assert "password" in send.text
    assert changed(bot) == []
    sent = bot.hear(PASSWORD)
    assert isinstance(sent[0], Delete)
    assert changed(bot) == [StrategySwitch("news", True, f"telegram:{OWNER}")]
    assert PASSWORD not in repr(sent) + repr(bot.heard)


def test_a_wrong_password_is_deleted_too_counted_and_never_echoed(bot: Bot) -> None:
    with_password(bot)
    sent = give(bot, "/enable news", "not the password")
    assert isinstance(sent[0], Delete)
    assert "Wrong code or password" in last(sent).text  # type: ignore[arg-type]
    assert "not the password" not in repr(sent) + repr(bot.heard)
    assert changed(bot) == []


def test_a_wrong_code_fails_though_the_password_is_right(bot: Bot) -> None:
    with_password(bot)
    bot.hear("/enable news")
    bot.tap(f"c:{WRONG}")
    assert "Wrong code or password" in bot.say(PASSWORD)
    assert changed(bot) == []


@pytest.mark.parametrize("words", ["/not a command", "ABCD-EFGH", " "])
def test_whatever_follows_the_question_is_taken_for_the_password_and_deleted(bot: Bot, words: str) -> None:
    with_password(bot)
    assert isinstance(give(bot, "/enable news", words)[0], Delete)


def test_a_password_that_comes_too_late_is_deleted_and_not_taken_for_a_question(bot: Bot) -> None:
    with_password(bot)
    bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}")
    bot.now_ns += 300 * SECOND
    sent = bot.hear(PASSWORD)
    assert isinstance(sent[0], Delete)
    assert "expired" in last(sent).text
    assert changed(bot) == []


def test_without_a_password_nothing_that_changes_the_risk_can_be_done(bot: Bot) -> None:
    assert "sagetool password" in bot.say("/enable news")
    assert changed(bot) == []


def test_a_resume_asks_for_the_password_where_one_is_set(bot: Bot) -> None:
    with_password(bot)
    halt(bot)
    give(bot, "/resume", "not the password")
    assert bot.state is State.HALTED
    give(bot, "/resume", PASSWORD)
    assert bot.state is State.RUNNING
    assert Latch(bot.folder / "latch.json").read().by == f"telegram:{OWNER}"


def test_a_stop_is_heard_while_a_password_is_awaited(bot: Bot) -> None:
    with_password(bot)
    bot.tap(f"c:{code_in(last(bot.hear('/enable news')))}")
    bot.say("/emergency_stop")
    assert bot.state is State.HALTED


def test_a_damaged_kill_switch_is_not_released_from_afar(bot: Bot) -> None:
    (bot.folder / "latch.json").write_bytes(b"nonsense")
    assert "sagetool resume" in bot.say("/resume")
    assert bot.state is State.HALTED


def test_a_full_disk_does_nothing_and_says_so(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    from sagetrade_nautilus import durable
    from tests.support.latch import FaultyOs, full_disk

    halt(bot)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", FaultyOs(full_disk))
        assert "disk refuses" in bot.say("/resume")
    assert bot.state is State.HALTED


@pytest.mark.parametrize("blank", [" ", " \t", "\u00a0 "])
def test_a_button_whose_words_are_blank_is_a_command_without_words(bot: Bot, blank: str) -> None:
    assert last(bot.tap(f"r:why {blank}", VIEWER)).text == last(bot.hear("/why", VIEWER)).text


def test_results_whose_fees_are_in_another_currency_are_named_and_not_added_up(bot: Bot) -> None:
    journal = Journal(bot.folder / "decisions.jsonl", RunRecord())
    for trade_id, currency in (("p-1", "USDT"), ("p-2", "BNB")):
        journal.write(bot_node.decision(trade_id))
        for role, side, price in (("entry", "buy", 43_000.0), ("stop_loss", "sell", 43_100.0)):
            journal.write(bot_node.fill(NOW, role, side, price, tags=(trade_id, role), currency=currency))
    journal.close()
    for command in ("/performance", "/weekly"):
        said = bot.say(command)
        assert "fees were taken in another currency: 1" in said
        assert "Trades: <b>1</b>" in said
        assert "+3.50 USDT" in said
    assert "Net – (–), fees –" in bot.say("/trades")
