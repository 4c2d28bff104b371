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

from assistant.studio import Plan

__all__ = ["EmbeddedModel"]

_PLAN = "studiospeak_plan"


class EmbeddedModel(BaseChatModel):
    """Chooses tools by grammar instead of by a language model.

    Attributes:
        plan: returns what a text asks to be done.
    """

    plan: Callable[[str], Plan]

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
            plan = self.plan(str(messages[last].text))
            if plan.question is not None:
                return AIMessage(plan.question, additional_kwargs={"choices": list(plan.choices)})
            planned = [{"name": name, "args": arguments} for name, arguments in plan.calls]
        if len(results) < len(planned):
            call = {**planned[len(results)], "id": f"{len(messages)}-{len(results)}", "type": "tool_call"}
            return AIMessage("", tool_calls=[call], additional_kwargs={_PLAN: planned})
        return AIMessage("\n".join(text for text in map(_reply, results) if text))


def _reply(result: ToolMessage) -> str:
    """Return everything that a result says, as `Outcome.text` does."""
    data = json.loads(str(result.content))
    told = data.get("reply") or data.get("failed")
    return "\n".join(part for part in (told, *data.get("notes", ())) if part)
