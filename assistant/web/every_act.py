"""Every act by its name: all that a page may ask for."""

from assistant.web.acts import Act
from assistant.web.acts_console import (
    amount,
    audition,
    channel,
    compare,
    listen_to,
    lock,
    name,
    redo,
    reset,
    restore,
    show,
    turn,
    undo,
)
from assistant.web.acts_explore import between, explore, keep_between, like, none_of_these, pick
from assistant.web.acts_files import export, forget_word, learn
from assistant.web.acts_match import ask_reference, aspect, match, remove_reference
from assistant.web.acts_talk import diagnose, fix, say, stop

__all__ = ["ACTS"]

ACTS: dict[str, Act] = {
    function.__name__: function
    for function in (
        amount,
        ask_reference,
        aspect,
        audition,
        between,
        channel,
        compare,
        diagnose,
        explore,
        export,
        fix,
        forget_word,
        keep_between,
        learn,
        like,
        listen_to,
        lock,
        match,
        name,
        none_of_these,
        pick,
        redo,
        remove_reference,
        reset,
        restore,
        say,
        show,
        stop,
        turn,
        undo,
    )
}
