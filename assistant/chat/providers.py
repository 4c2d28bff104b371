"""Which language model talks: the one that is always here, or one the user names.

`PROVIDER:NAME` as LangChain spells it (openai, anthropic, ollama, google_genai, ...), or the address of a local
OpenAI-compatible server with the model's name behind "#": `http://127.0.0.1:8080/v1#qwen`.
"""

import importlib.util
from urllib.parse import urldefrag, urlsplit

from langchain_core.language_models import BaseChatModel

from console.errors import ModelError

__all__ = ["load_model"]

_PACKAGES = {
    "openai": "langchain_openai",
    "anthropic": "langchain_anthropic",
    "ollama": "langchain_ollama",
    "google_genai": "langchain_google_genai",
}
_TIMEOUT_S = 120.0


def load_model(name: str) -> BaseChatModel:
    """Return the language model of a name.

    Args:
        name: `PROVIDER:NAME`, or an http address of an OpenAI-compatible server, with "#NAME" where it has several.
    Raises:
        ModelError: not such a name, an unknown provider, or its package is not installed.
    """
    if name.startswith(("http://", "https://")):
        return _server(name)
    provider, _, model = name.partition(":")
    if not model or provider not in _PACKAGES:
        raise ModelError(
            f"{name!r} names no language model. Use PROVIDER:NAME with one of {', '.join(_PACKAGES)}, or the address "
            "of a local server (http://127.0.0.1:8080/v1#NAME)."
        )
    _need(provider)
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(model, model_provider=provider, timeout=_TIMEOUT_S)
    except Exception as error:  # each provider raises its own: a missing key, a wrong name
        raise ModelError(f"{name} could not be opened ({error}). Check its key and name.") from error


def _server(address: str) -> BaseChatModel:
    base, model = urldefrag(address)
    if urlsplit(base).hostname is None:
        raise ModelError(f"{address!r} is not an address. Use one like http://127.0.0.1:8080/v1#NAME.")
    _need("openai")
    from langchain_openai import ChatOpenAI

    # A local server wants no key; the client insists on one.
    return ChatOpenAI(model=model or "default", base_url=base, api_key="none", timeout=_TIMEOUT_S)


def _need(provider: str) -> None:
    package = _PACKAGES[provider]
    if importlib.util.find_spec(package) is None:
        raise ModelError(f"{provider} needs the package {package.replace('_', '-')}. Install it: pip install "
                         f'"studiospeak[{provider}]"')  # fmt: skip
