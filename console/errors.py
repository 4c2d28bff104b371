"""Errors a person can act on.

Every message says what is wrong, which value, and what to do next.

    StudiospeakError
    ├── ParameterError      a console value outside its range, or an unknown parameter
    ├── SettingsError       a settings file or object that cannot be read
    ├── AudioShapeError     an array of the wrong shape, length or rate for a processor
    ├── AudioFileError      a file that cannot be read or written (exchange)
    ├── ProjectFileError    a DAW project or export that cannot be read or written (exchange)
    ├── DatasetError        a data set folder that is not laid out as its makers lay it out (exchange)
    ├── OntologyError       a damaged or missing word table (ontology)
    ├── ModelError          weights that are missing, damaged or of another shape (models)
    ├── RequestError        words that cannot be carried out as asked (assistant)
    ├── PluginError         a plug-in that is missing or cannot be loaded (assistant)
    └── SessionError        a session folder that cannot be opened or saved (assistant)
"""

__all__ = [
    "AudioFileError",
    "AudioShapeError",
    "DatasetError",
    "ModelError",
    "OntologyError",
    "ParameterError",
    "PluginError",
    "ProjectFileError",
    "RequestError",
    "SessionError",
    "SettingsError",
    "StudiospeakError",
]


class StudiospeakError(Exception):
    """Root of every error this project raises on purpose."""


class ParameterError(StudiospeakError):
    """A console value outside its range, or a parameter that does not exist."""


class SettingsError(StudiospeakError):
    """Settings that cannot be read: damaged, or of an unknown version."""


class AudioShapeError(StudiospeakError):
    """Audio of a shape, length or sample rate that a processor cannot take."""


class AudioFileError(StudiospeakError):
    """An audio file that cannot be read or written."""


class ProjectFileError(StudiospeakError):
    """A DAW project, a session's export or its destination that cannot be read or written."""


class DatasetError(StudiospeakError):
    """A data set folder that lacks files its layout promises, or holds a description that cannot be read."""


class OntologyError(StudiospeakError):
    """A word table that is missing, damaged or contradicts itself."""


class ModelError(StudiospeakError):
    """Weights that are missing, damaged or of another shape."""


class RequestError(StudiospeakError):
    """Words that are understood but cannot be carried out as asked."""


class PluginError(StudiospeakError):
    """A plug-in, or what hosts plug-ins, that is missing or cannot be loaded."""


class SessionError(StudiospeakError):
    """A session that cannot be opened, saved or replayed."""
