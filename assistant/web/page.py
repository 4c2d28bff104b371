"""The page's layout and what each part of it does when it is used."""

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from assistant.request import MIX
from assistant.turn import Assistant
from assistant.web import actions, desk
from assistant.web.actions import CHIPS
from assistant.web.state import FIRST, NOW, Workbench
from exchange import Song

__all__ = ["build_page"]

Demo = Callable[[], tuple[Song, str]]


def build_page(assistant: Assistant, demo_song: Demo, base: Path) -> gr.Blocks:
    """Return the page.

    Args:
        assistant: shared by every visitor; holds no song.
        demo_song: returns the demo song and its title.
        base: folder in which every visitor gets one of their own.
    """
    with gr.Blocks(title="Studiospeak", analytics_enabled=False, fill_width=True) as page:
        bench = gr.State(None, time_to_live=24 * 3600, delete_callback=Workbench.close)
        with gr.Row(elem_id="top"):
            head = gr.HTML(desk.heading(None), elem_id="heading", min_width=300)
            demo = gr.Button("Demo song", size="sm", scale=0, min_width=100)
            upload = gr.UploadButton(
                "Open stems or a mix", file_count="multiple", size="sm", scale=0, min_width=150, elem_id="upload"
            )
        with gr.Row(equal_height=False):
            with gr.Column(scale=5, min_width=320, elem_id="talk"):
                chat = gr.Chatbot(
                    label="Chat",
                    show_label=False,
                    elem_id="chat",
                    height="max(320px, calc(100vh - 410px))",
                    buttons=[],
                    render_markdown=False,
                    layout="bubble",
                    feedback_options=None,
                    group_consecutive_messages=False,
                    placeholder="Loading the song ...",
                )
                with gr.Row(elem_id="chips"):
                    chips = [
                        gr.Button("", size="sm", visible=False, elem_classes="chip", min_width=0) for _ in range(CHIPS)
                    ]
                with gr.Row(equal_height=True):
                    box = gr.Textbox(
                        label="Say what you want",
                        show_label=False,
                        placeholder="Say what you want, as you would to an engineer",
                        elem_id="say",
                        autofocus=True,
                        max_length=1000,
                        scale=5,
                        container=False,
                    )
                    send = gr.Button("Send", variant="primary", scale=1, min_width=80, size="md", elem_id="send")
                with gr.Row():
                    undo = gr.Button("Undo", size="sm", min_width=70, elem_id="undo")
                    redo = gr.Button("Redo", size="sm", min_width=70, elem_id="redo")
                amount = gr.Slider(
                    0, 150, value=100, step=5, label="Amount of the last edit, %", elem_id="amount", interactive=False
                )
                locks = gr.Dropdown([], multiselect=True, label="Locked tracks: no edit touches them", elem_id="locks")
                history = gr.Radio(label="History: pick a version to go back to it", elem_id="history", type="value")
            with gr.Column(scale=8, min_width=320, elem_id="desk"):
                player = gr.HTML(desk.LOADING, elem_id="player")
                with gr.Row(elem_id="menus"):
                    before = gr.Dropdown([("As loaded", FIRST)], value=FIRST, label="Before", min_width=110)
                    after = gr.Dropdown([("Current", NOW)], value=NOW, label="After", min_width=110)
                    hear = gr.Dropdown([("The mix", MIX)], value=MIX, label="Listen to", min_width=110)
                    look = gr.Dropdown([("The mix", MIX)], value=MIX, label="Spectrum and EQ of", min_width=110)
                plot = gr.Plot(show_label=False, label="Spectrum and EQ", elem_id="plot")
                with gr.Row(elem_id="tables"):
                    knobs = gr.HTML(elem_id="knobs_box", min_width=300)
                    measured = gr.HTML(elem_id="measured_box", min_width=300)

        talk = [bench, chat, box, send, *chips]
        menus = [history, undo, before, after, hear, look, amount, locks]
        asked = [bench, before, after, hear, look]
        drawn = [plot, knobs, measured]

        def show(event: gr.events.Dependency) -> None:
            """After something happened: set the menus, then let what they say be heard, then draw it."""
            settled = event.then(desk.menus_after, asked, menus, show_progress="hidden")
            heard = settled.then(desk.listen, asked, [head, player], show_progress="minimal")
            heard.then(desk.look, asked, drawn, show_progress="minimal")

        opened = page.load(lambda: actions.open_demo(base, demo_song), None, talk, show_progress="hidden")
        show(opened)
        show(demo.click(lambda b: actions.load_demo(b, base, demo_song), bench, talk, show_progress="hidden"))
        show(upload.upload(actions.load_files, [bench, upload], talk, show_progress="hidden"))

        def speak(text: str, one: Workbench):
            yield from actions.take_turn(assistant, one, text)

        for trigger, words in ((box.submit, box), (send.click, box), *((chip.click, chip) for chip in chips)):
            show(trigger(speak, [words, bench], talk, show_progress="hidden", concurrency_id="turn"))
        show(undo.click(actions.undo, bench, talk, show_progress="hidden"))
        show(redo.click(actions.redo, bench, talk, show_progress="hidden"))
        show(amount.release(actions.set_amount, [bench, amount], talk, show_progress="hidden", concurrency_id="turn"))
        locks.input(actions.set_locks, [bench, locks], talk, show_progress="hidden")
        show(history.input(actions.restore, [bench, history], talk, show_progress="hidden"))
        for menu in (before, after):
            menu.input(desk.listen, asked, [head, player], show_progress="minimal").then(
                desk.look, asked, drawn, show_progress="minimal"
            )
        hear.input(desk.listen, asked, [head, player], show_progress="minimal")
        look.input(desk.look, asked, drawn, show_progress="minimal")
    return page
