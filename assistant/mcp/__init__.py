"""The studio for any MCP client: the same deeds as tools, over stdin and stdout."""

from assistant.mcp.server import make_server, serve

__all__ = ["make_server", "serve"]
