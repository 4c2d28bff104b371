"""A studio's deeds as LangChain tools: a model fills their forms and gets back what was measured.

Nothing here can run code, read a path or set a number outside its range: the deeds see to that.
"""

import json
from typing import Any

from langchain_core.tools import BaseTool, StructuredTool
from langgraph.config import get_stream_writer

from assistant.studio import Deed, Studio

__all__ = ["make_tools"]


def make_tools(studio: Studio) -> list[BaseTool]:
    """Return the tools that work on a studio's session."""
    return [_tool(studio, deed) for deed in studio.deeds.values()]


def _tool(studio: Studio, deed: Deed) -> BaseTool:
    def call(**arguments: Any) -> str:
        tell = get_stream_writer()
        doing = studio.do(deed.name, arguments)
        while True:
            try:
                tell(next(doing))
            except StopIteration as end:
                return json.dumps(end.value.to_json(), ensure_ascii=False)

    return StructuredTool(name=deed.name, description=deed.does, args_schema=deed.form, func=call)
