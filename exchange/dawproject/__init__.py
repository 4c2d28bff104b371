"""DAWproject, the open exchange format of DAWs: a zip of project.xml, metadata.xml, audio and our own settings.

`devices` is the table of which knob stands where in the built-in devices, `channel_write` and `channel_read` turn
console channels into XML and back, `timeline` reads the arrangement, `write` and `read` handle whole files.
Source: the format's published schema, version 1.0, https://github.com/bitwig/dawproject.
"""

from exchange.dawproject.read import ReadProject, read_dawproject
from exchange.dawproject.write import WrittenProject, write_dawproject

__all__ = ["ReadProject", "WrittenProject", "read_dawproject", "write_dawproject"]
