"""Run JSFX effects outside REAPER: the part of EEL2 that ours use, translated to Python.

Names are one whatever their case, `==` is loose, memory is one array of numbers, as EEL2 has it. The grammar is
stricter than REAPER's where that is not documented: an assignment inside `?:` must stand in parentheses.
"""

import itertools
import keyword
import math
import re

import numpy as np

MEMORY = 1 << 20
_TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*|\.\d+)|(\$pi)|([A-Za-z_][A-Za-z_0-9]*)|(&&|\|\||[<>=!]=|[-+*/^]=|[-+*/^<>=!?:;,()\[\]]))"
)
# Loosest first. EEL2 binds / tighter than *, and - tighter than +.
_LEVELS = (("&&", "||"), ("==", "!=", "<", ">", "<=", ">="), ("+",), ("-",), ("*",), ("/",), ("^",))
_PYTHON = {"&&": "and", "||": "or", "^": "**"}
_BUILT_IN = {
    "cos": "math.cos", "sin": "math.sin", "sqrt": "math.sqrt", "exp": "math.exp", "log10": "math.log10",
    "abs": "abs", "min": "min", "max": "max", "floor": "math.floor", "memset": "_memset", "memcpy": "_memcpy",
    "fft": "_fft", "ifft": "_ifft", "convolve_c": "_convolve_c", "file_open": "_file_open", "file_riff": "_file_riff",
    "file_avail": "_file_avail", "file_var": "_file_var", "file_close": "_file_close",
}  # fmt: skip


class Effect:
    """An effect at work: `run` (2, samples), what it reports as delay in `latency`."""

    def __init__(self, text, sample_rate, sliders=None, files=()):
        parts = re.split(r"^@(\w+).*$", text, flags=re.MULTILINE)
        code = dict(zip(parts[1::2], parts[2::2], strict=True))
        self.sliders = {
            name.lower(): (float(default), float(low), float(high))
            for name, default, low, high in re.findall(
                r"^slider\d+:(\w+)=([-\d.]+)<([-\d.]+),([-\d.]+)", parts[0], flags=re.MULTILINE
            )
        }
        self.memory = [0.0] * MEMORY
        self.globals = {"math": math, "M": self.memory, "srate": float(sample_rate), "spl0": 0.0, "spl1": 0.0}
        self.globals |= {f"_{name}": getattr(self, f"_{name}") for name in (
            "memset", "memcpy", "fft", "ifft", "convolve_c", "file_open", "file_riff", "file_avail", "file_var",
            "file_close")}  # fmt: skip
        self.globals |= {name: values[0] for name, values in self.sliders.items()}
        for name, value in (sliders or {}).items():
            assert name in self.sliders, f"no slider is called {name}"
            self.globals[name] = float(value)
        self._files = list(files)
        self._interleaved = [file.T.reshape(-1).tolist() for file in files]
        self._read = 0
        translator = _Translator()
        source = [translator.section(f"_{name}", code[name]) for name in ("init", "slider", "sample") if name in code]
        for name in translator.names:
            self.globals.setdefault(name, 0.0)
        exec("\n".join(source), self.globals)
        self.globals["_init"]()
        if "slider" in code:
            self.globals["_slider"]()

    @property
    def latency(self):
        return int(self.globals.get("pdc_delay", 0))

    def run(self, audio):
        """Return (2, samples) float64, late as the effect is."""
        out, sample, space = np.zeros(audio.shape), self.globals["_sample"], self.globals
        for t in range(audio.shape[1]):
            space["spl0"], space["spl1"] = float(audio[0, t]), float(audio[1, t])
            sample()
            out[0, t], out[1, t] = space["spl0"], space["spl1"]
        return out

    def _at(self, where, count):
        start = int(where + 1e-5)
        return slice(start, start + int(count))

    def _memset(self, where, value, count):
        self.memory[self._at(where, count)] = [value] * int(count)

    def _memcpy(self, target, source, count):
        self.memory[self._at(target, count)] = self.memory[self._at(source, count)]

    def _complex(self, where, size):
        assert int(where) // 65536 == (int(where) + 2 * int(size) - 1) // 65536, "crosses a 65536 boundary"
        return np.array(self.memory[self._at(where, 2 * size)]).view(np.complex128)

    def _store(self, where, values):
        self.memory[self._at(where, 2 * len(values))] = values.view(np.float64).tolist()

    def _fft(self, where, size):
        self._store(where, np.fft.fft(self._complex(where, size)))

    def _ifft(self, where, size):
        self._store(where, np.fft.ifft(self._complex(where, size)) * size)

    def _convolve_c(self, target, source, size):
        self._store(target, self._complex(target, size) * self._complex(source, size))

    def _file_open(self, _):
        return 0.0 if self._files else -1.0

    def _file_riff(self, _):
        return float(self._files[0].shape[0]), self.globals["srate"]

    def _file_avail(self, _):
        return float(self._files[0].size - self._read)

    def _file_var(self, _):
        value = self._interleaved[0][self._read]
        self._read += 1
        return value

    def _file_close(self, _):
        return 0.0


def _python_name(name):
    name = name.lower()
    return f"{name}_" if keyword.iskeyword(name) else name


class _Translator:
    """EEL2 to Python statements; every expression becomes statements and the Python expression of its value."""

    def __init__(self):
        self.names = set()
        self._temporary = itertools.count()

    def section(self, name, code):
        code = re.sub(r"//.*", "", code)
        self.tokens = [m.group().strip() for m in _TOKEN.finditer(code)]
        assert re.sub(r"\s", "", code) == "".join(self.tokens), "a character that is not EEL2"
        self.place, functions, lines, used = 0, [], [], set()
        self.local, self.touched = set(), used
        while self.place < len(self.tokens):
            if self.peek() == "function":
                functions.append(self.function())
                self.local, self.touched = set(), used
            elif self.peek() == ";":
                self.place += 1
            else:
                statements, value = self.expression()
                lines += [*statements, value]
        self.names |= used
        return "\n".join([*functions, self.define(name, [], lines, used, None)])

    def define(self, name, parameters, lines, used, value):
        head = [f"def {name}({', '.join(parameters)}):"]
        body = [f"global {', '.join(sorted(used))}"] if used else []
        body += [*lines, f"return {value}"] if value else [*lines, "return 0.0"]
        return "\n".join([*head, *(f"    {line}" for line in body)])

    def function(self):
        self.take("function")
        name, parameters, local = self.word(), [], []
        for found in (parameters, local):
            if found is local:
                if self.peek() != "local":
                    break
                self.place += 1
            self.take("(")
            while self.peek() != ")":
                if self.peek() == ",":
                    self.place += 1
                    continue
                found.append(self.word())
            self.take(")")
        self.local, self.touched = {*parameters, *local}, set()
        self.take("(")
        lines, value = self.sequence(")")
        self.names |= self.touched
        return self.define(f"f_{name}", parameters, [f"{n} = 0.0" for n in local] + lines, self.touched, value)

    def sequence(self, end):
        """Translate `a; b; c` up to `end`; the value is the last one's."""
        lines, value = [], "0.0"
        while self.peek() != end:
            if self.peek() == ";":
                self.place += 1
                continue
            statements, value = self.expression()
            lines += statements
            if self.peek() == ";":
                if self.tokens[self.place + 1] != end:
                    lines.append(value)
                self.place += 1
        self.take(end)
        return lines, value

    def expression(self):
        lines, left = self.choice()
        operator = self.peek()
        if operator not in ("=", "+=", "-=", "*=", "/=", "^="):
            return lines, left
        assert left.startswith("M[") or left.isidentifier(), f"{left} cannot be assigned to"
        self.place += 1
        more, right = self.expression()
        if operator == "=":
            assigned = f"{left} = {right}"
        else:
            symbol = _PYTHON.get(operator[0], operator[0])
            assigned = f"{left} = {left} {symbol} ({right})"
        return [*lines, *more, assigned], left

    def choice(self):
        lines, condition = self.binary(0)
        if self.peek() != "?":
            return lines, condition
        self.place += 1
        yes, one = self.choice()
        no, other = [], "0.0"
        if self.peek() == ":":
            self.place += 1
            no, other = self.choice()
        result = f"t{next(self._temporary)}"
        indented = [f"    {line}" for line in [*yes, f"{result} = {one}"]]
        otherwise = [f"    {line}" for line in [*no, f"{result} = {other}"]]
        return [*lines, f"if abs({condition}) > 1e-5:", *indented, "else:", *otherwise], result

    def binary(self, level):
        if level == len(_LEVELS):
            return self.unary()
        lines, left = self.binary(level + 1)
        while self.peek() in _LEVELS[level]:
            operator = self.tokens[self.place]
            self.place += 1
            more, right = self.binary(level + 1)
            assert not more or not lines or operator not in ("&&", "||"), "a side effect behind && or ||"
            lines = [*lines, *more]
            if operator in ("==", "!="):
                left = f"float(abs({left} - {right}) {'<' if operator == '==' else '>='} 1e-5)"
            elif operator in ("<", ">", "<=", ">="):
                left = f"float({left} {operator} {right})"
            elif operator in ("&&", "||"):
                left = f"float(abs({left}) > 1e-5 {_PYTHON[operator]} abs({right}) > 1e-5)"
            else:
                left = f"({left} {_PYTHON.get(operator, operator)} {right})"
        return lines, left

    def unary(self):
        if self.peek() == "-":
            self.place += 1
            lines, value = self.unary()
            return lines, f"(-{value})"
        if self.peek() == "!":
            self.place += 1
            lines, value = self.unary()
            return lines, f"float(abs({value}) < 1e-5)"
        lines, value = self.atom()
        while self.peek() == "[":
            self.place += 1
            more, index = self.sequence("]")
            lines, value = [*lines, *more], f"M[int({value} + ({index}) + 1e-5)]"
        return lines, value

    def atom(self):
        token = self.tokens[self.place]
        self.place += 1
        if token == "(":
            lines, value = self.sequence(")")
            return lines, value
        if token == "$pi":
            return [], "math.pi"
        if token[0].isdigit() or token[0] == ".":
            return [], repr(float(token))
        assert token[0].isalpha() or token[0] == "_", f"{token} is not a value"
        name = _python_name(token)
        if self.peek() == "(":
            self.place += 1
            return self.loop() if name == "loop" else self.call(name)
        if name not in self.local:
            self.touched.add(name)
        return [], name

    def call(self, name):
        lines, arguments = [], []
        while self.peek() != ")":
            if self.peek() == ",":
                self.place += 1
                continue
            more, value = self.expression()
            lines, arguments = [*lines, *more], [*arguments, value]
        self.take(")")
        if name == "file_riff":  # fills its second and third arguments
            return [*lines, f"{arguments[1]}, {arguments[2]} = _file_riff({arguments[0]})"], "0.0"
        if name == "file_var":
            return [*lines, f"{arguments[1]} = _file_var({arguments[0]})"], "0.0"
        function = _BUILT_IN.get(name, f"f_{name}")
        result = f"t{next(self._temporary)}"
        return [*lines, f"{result} = {function}({', '.join(arguments)})"], result

    def loop(self):
        lines, count = self.expression()
        self.take(",")
        body, value = self.sequence(")")
        name = f"n{next(self._temporary)}"
        return [*lines, f"for {name} in range(int({count})):", *(f"    {line}" for line in [*body, value])], "0.0"

    def word(self):
        self.place += 1
        return _python_name(self.tokens[self.place - 1])

    def peek(self):
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, token):
        assert self.peek() == token, f"expected {token}, found {self.tokens[self.place : self.place + 5]}"
        self.place += 1
