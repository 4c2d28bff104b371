"""The model that is always here: it plans with the assistant's own understanding, in milliseconds, offline.

It speaks LangChain's protocol like any other model: a person's words become tool calls, tool results become the reply.
The plan of a turn travels in the messages, so a turn can be picked up again from the checkpoint.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

from assistant.chat.forms import Change
from assistant.request import Request
from assistant.sections import named_in
from assistant.tell import say

__all__ = ["EmbeddedModel"]

_PLAN = "studiospeak_plan"
_ELSEWHERE = ("explore", "match", "export")
"""Intents that the command line carries out, but no tool of the chat."""

Call = dict[str, Any]


class EmbeddedModel(BaseChatModel):
    """Chooses tools by grammar instead of by a language model.

    Attributes:
        understand: returns what a text asks for.
    """

    understand: Callable[[str], Sequence[Request]]

    @property
    def _llm_type(self) -> str:
        return "studiospeak"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Runnable:
        """Return itself: it knows the tools."""
        del tools
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        del stop, run_manager  # LangChain's, without meaning here
        return ChatResult(generations=[ChatGeneration(message=self._answer(messages))])

    def _answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
        since = messages[last + 1 :]
        planned = next((m.additional_kwargs[_PLAN] for m in since if _PLAN in m.additional_kwargs), None)
        results = [message for message in since if isinstance(message, ToolMessage)]
        if planned is None:
            text = str(messages[last].text)
            section = named_in(text)
            if section is not None:
                name, stretches = section
                return self._next([_call("section", name=name, stretches_s=[list(one) for one in stretches])], 0, 0)
            requests = self.understand(text)
            question = next((request for request in requests if request.intent == "clarify"), None)
            if question is not None:
                return AIMessage(question.question or "", additional_kwargs={"choices": list(question.choices)})
            elsewhere = next((r.intent for r in requests if r.intent in _ELSEWHERE), None)
            if elsewhere is not None:
                return AIMessage(say("elsewhere", command=elsewhere))
            planned = plan(requests)
        if len(results) < len(planned):
            return self._next(planned, len(results), len(messages))
        return AIMessage("\n".join(_reply(result) for result in results))

    def _next(self, planned: list[Call], done: int, count: int) -> AIMessage:
        call = {**planned[done], "id": f"{count}-{done}", "type": "tool_call"}
        return AIMessage("", tool_calls=[call], additional_kwargs={_PLAN: planned})


def plan(requests: Sequence[Request]) -> list[Call]:
    """Return the tool calls that carry out requests, in the order they were said; edits go together."""
    calls: list[Call] = []
    for request in requests:
        if request.intent == "edit" and "amount" not in request.numbers:
            change = request.model_dump(mode="json", include=set(Change.model_fields))
            change["targets"] = change["targets"] or ["mix"]
            if calls and calls[-1]["name"] == "edit":
                calls[-1]["args"]["changes"].append(change)
            else:
                calls.append(_call("edit", changes=[change]))
        else:
            calls.append(_other(request))
    return calls


def _other(request: Request) -> Call:
    numbers, targets = request.numbers, list(request.targets)
    kept = {kind: part for kind, _, part in (entry.partition(":") for entry in request.constraints)}
    if request.intent == "edit":
        return _call("amount", share=numbers["amount"], only=kept.get("only"), except_=kept.get("except"))
    if request.intent == "undo" and "version" in numbers:
        return _call("restore", version=int(numbers["version"]))
    if request.intent == "undo":
        return _call("undo", steps=int(numbers.get("versions", 1)), only=kept.get("only"), targets=targets)
    if request.intent == "redo":
        return _call("redo", steps=int(numbers.get("versions", 1)))
    if request.intent == "lock":
        return _call("lock", targets=targets or ["mix"], locked="unlock" not in request.constraints)
    if request.intent == "teach" and request.word is not None:
        return _call("learn", word=request.word, means=list(request.means))
    return _call("ask", about=request.intent, targets=targets, descriptor=request.descriptor)


def _call(name: str, **arguments: Any) -> Call:
    return {"name": name, "args": arguments}


def _reply(result: ToolMessage) -> str:
    data = json.loads(str(result.content))
    return "\n".join(part for part in (data.get("reply"), data.get("failed"), *data.get("notes", ())) if part)
