"""A machine for pickles in which nothing is ever imported or called.

What a pickle would import is a `Name`, and what it would make by calling it is a `Made`: both are
dead records. Only tensors, which are records too, and a few containers are put together.
"""

import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rnncalc.errors import InputError, printable
from rnncalc.reading.weights.contents import DamageError


@dataclass(frozen=True)
class Name:
    """What a pickle would import."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(eq=False)
class Made:
    """What a pickle would make by calling `of`, and the state that it would give to it."""

    of: object
    state: list[object] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Storage:
    """Numbers that lie elsewhere in the file: their type, their key and how many there are."""

    dtype: str
    key: str
    count: int
    view: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Tensor:
    """A view of a storage: from `offset`, of `shape`, with `strides`, all counted in numbers."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Mark:
    pass


_MARK = _Mark()
_MOST_BYTES = 2**26

# Of the standard library, files of weights ask for these; of what else they ask, nothing is needed.
_HARMLESS: dict[str, set[str] | None] = {  # None: any name
    "collections": {"OrderedDict", "defaultdict", "Counter", "deque"},
    "builtins": {
        *("set", "frozenset", "dict", "list", "tuple", "object", "bytes", "bytearray", "complex"),
        *("slice", "range", "int", "float", "bool", "str", "getattr"),  # getattr: a bound method
    },
    "copyreg": {"_reconstructor", "__newobj__", "__newobj_ex__"},
    "typing": None,
    "dataclasses": None,
    "math": None,
    "inspect": {"_empty"},
    "time": {"struct_time"},
    "functools": {"partial"},
    "argparse": {"Namespace"},
    "_codecs": {"encode"},
    "pathlib": {"PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path"},
    "pathlib._local": {"PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path"},
    "datetime": {"datetime", "date", "time", "timedelta", "timezone"},
    "decimal": {"Decimal"},
    "uuid": {"UUID"},
    "enum": {"Enum"},
    "logging": {"Logger", "getLogger", "RootLogger"},
    "types": {"SimpleNamespace", "MethodType"},
}
_STANDARD = sys.stdlib_module_names | {"__builtin__", "copy_reg", "UserDict"}
_OLD = {"__builtin__": "builtins", "copy_reg": "copyreg", "UserDict": "collections"}
# Elsewhere: packages that run what they are given, what leads to a module that does, and functions.
_RUNNERS = {"pip", "setuptools", "pkg_resources", "IPython", "cloudpickle", "dill", "joblib"}
_INNER = {
    *("os", "posix", "nt", "sys", "subprocess", "builtins", "__builtins__", "importlib", "ctypes"),
    *("pty", "runpy", "__globals__", "__dict__", "__getattribute__"),
}
_FUNCTIONS = {"system", "popen", "eval", "exec", "__import__", "runstring"}
_LOADERS = ("torch.hub.", "torch.load", "torch.serialization.load", "torch.jit.", "numpy.f2py.")


def _refuse_foreign(module: str, name: str) -> None:
    """Refuse a name of the standard library, or of a runner of code, that no weights need."""
    module = _OLD.get(module, module)
    whole = f"{module}.{name}"
    first, *inner = whole.split(".")
    harmless = _HARMLESS.get(module, set())
    if harmless is None or name in harmless:
        return
    foreign = first in _STANDARD or first in _RUNNERS or whole.startswith(_LOADERS)
    if foreign or _INNER & {*inner} or inner[-1] in _FUNCTIONS:
        asked = printable(whole, 80)
        raise InputError(f"asks for {asked}, which no file of weights does; nothing of it was run")


def unpickled(data: bytes, start: int = 0) -> tuple[object, int]:
    """Return what the pickle at `start` describes, and where it ends.

    Raises:
        InputError: it asks for what no file of weights needs.
        DamageError: it is not a pickle.
    """
    if len(data) > _MOST_BYTES + start:
        data = data[: _MOST_BYTES + start]
    machine = _Machine(data, start)
    return machine.run(), machine.at


Stack: TypeAlias = list[Any]


class _Machine:
    """The stack, the memo and the position in the bytes.

    Attributes:
        stack: what has been put together and not yet used.
        memo: what was remembered, by number.
        at: the position of the next byte.
    """

    def __init__(self, data: bytes, start: int) -> None:
        self.data, self.at = data, start
        self.stack: Stack = []
        self.memo: dict[int, Any] = {}

    def run(self) -> object:
        while (code := self.bytes(1)) != b".":
            action = _ACTIONS.get(code)
            if action is None:
                raise DamageError(f"a pickle of weights has no opcode {code!r}")
            action(self)
        return self.pop()

    def bytes(self, n: int) -> bytes:
        """Return the next n bytes."""
        end = self.at + n
        if n < 0 or end > len(self.data):
            raise DamageError("the pickle ends too soon")
        found, self.at = self.data[self.at : end], end
        return found

    def line(self) -> str:
        """Return the text up to the end of the line."""
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise DamageError("the pickle ends too soon")
        return self.bytes(end + 1 - self.at)[:-1].decode()

    def number(self, size: int, code: str = "") -> int:
        """Return the next unsigned integer of `size` bytes, or the one of a struct code."""
        if code:
            return int(struct.unpack(code, self.bytes(size))[0])
        return int.from_bytes(self.bytes(size), "little")

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise DamageError("the pickle takes more than it has")
        return self.stack.pop()

    def top(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise DamageError("the pickle takes more than it has")
        return self.stack[-1]

    def since_mark(self) -> Stack:
        """Return what was pushed since the last mark, and take it and the mark away."""
        for n in range(len(self.stack) - 1, -1, -1):
            if self.stack[n] is _MARK:
                found = self.stack[n + 1 :]
                del self.stack[n:]
                return found
        raise DamageError("the pickle lacks a mark")

    def several(self, n: int) -> tuple[Any, ...]:
        return tuple([self.pop() for _ in range(n)][::-1])

    def remember(self, key: int) -> None:
        self.memo[key] = self.top()

    def recall(self, key: int) -> None:
        if key not in self.memo:
            raise DamageError(f"the pickle remembers nothing under {key}")
        self.push(self.memo[key])

    def global_(self, module: object, name: object) -> None:
        if not isinstance(module, str) or not isinstance(name, str):
            raise DamageError("the pickle asks for a name that is not text")
        _refuse_foreign(module, name)
        self.push(Name(_OLD.get(module, module), name))


def _set_items(machine: _Machine, pairs: Stack) -> None:
    """Put keys and values into a dict; what is not a dict has no use for them."""
    target = machine.top()
    if len(pairs) % 2:
        raise DamageError("the pickle has a key without a value")
    if isinstance(target, dict):
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[_key(key)] = value
    elif not isinstance(target, Made):
        raise DamageError("the pickle sets items of what has none")


def _key(key: Any) -> Any:
    """Return the key of a dict: hashing a deep one would take all of the stack."""
    flat = (str, int, float, bool, bytes, type(None), Name)
    if isinstance(key, flat) or (isinstance(key, tuple) and all(isinstance(k, flat) for k in key)):
        return key
    if isinstance(key, Made | Tensor):
        return id(key)
    raise DamageError(f"the pickle has a {type(key).__name__} as a key")


def _append(machine: _Machine, values: Stack) -> None:
    target = machine.top()
    if isinstance(target, list):
        target.extend(values)
    elif not isinstance(target, Made | set):
        raise DamageError("the pickle appends to what is not a list")


def _build(machine: _Machine) -> None:
    """Keep the state of a dead stand-in; that of a dict (`_metadata`) has no use."""
    state = machine.pop()
    target = machine.top()
    if isinstance(target, Made):
        target.state.append(state)
    elif not isinstance(target, dict | Tensor | list | Name):
        raise DamageError(f"the pickle gives a state to a {type(target).__name__}")


def _reduce(machine: _Machine) -> None:
    function, arguments = machine.several(2)
    machine.push(_called(function, arguments))


def _new(machine: _Machine, parts: int) -> None:
    kind, arguments, *_ = machine.several(parts)
    machine.push(_called(kind, arguments))


def _called(function: object, arguments: object) -> object:
    """Return what a call would give, for the few names that put weights together."""
    if not isinstance(function, Name) or not isinstance(arguments, tuple):
        return Made(function)
    if str(function) in _CONTAINERS:
        return _mapping(arguments)
    if str(function) == "torch._tensor._rebuild_from_type_v2" and len(arguments) >= 3:
        function, _, arguments, *_ = arguments  # a subclass: the tensor is all that is wanted
    if str(function) in _TENSORS and isinstance(arguments, tuple):
        return _tensor(function, arguments)
    if str(function) in _PARAMETERS and isinstance(arguments, tuple) and arguments:
        return arguments[0]
    return Made(function)


_CONTAINERS = {"collections.OrderedDict", "collections.defaultdict", "builtins.dict"}
_TENSORS = {"torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"}
_PARAMETERS = {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"}


def _mapping(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
    return {_key(key): value for key, value in pairs}


def _tensor(function: object, arguments: tuple[Any, ...]) -> object:
    storage, offset, shape, strides, *_ = arguments
    if isinstance(storage, Made):
        return Made(function)
    sizes = (offset, *shape, *strides)
    whole = all(type(n) is int and n >= 0 for n in sizes) and len(shape) == len(strides)
    if not isinstance(storage, Storage) or not whole:
        raise DamageError("a tensor has a size, an offset or a stride that is not a whole number")
    return Tensor(storage, offset, tuple(shape), tuple(strides))


def _persistent(machine: _Machine) -> None:
    """Push the storage that ('storage', FloatStorage, '0', 'cpu', 24) names."""
    what = machine.pop()
    if isinstance(what, tuple) and len(what) == 4 and what[0] == "module":
        machine.push(what[1])  # a class with its source, which is not looked at
        return
    if not isinstance(what, tuple) or len(what) < 5 or what[0] != "storage":
        raise DamageError("the pickle names something outside of itself that is not a storage")
    _, kind, key, _, count, *more = what
    if not isinstance(kind, Name) or type(count) is not int or count < 0:
        raise DamageError("a storage has no type or no size")
    view = more[0][1:] if more and isinstance(more[0], tuple) and len(more[0]) == 3 else None
    machine.push(Storage(kind.name, str(key), count, view))


def _text(size: int) -> Callable[[_Machine], None]:
    # surrogates as pickle has them; no name of an array does
    return lambda m: m.push(m.bytes(m.number(size)).decode("utf-8", "surrogatepass"))


def _raw(size: int) -> Callable[[_Machine], None]:
    return lambda m: m.push(m.bytes(m.number(size)))


def _old_text(size: int) -> Callable[[_Machine], None]:
    return lambda m: m.push(m.bytes(m.number(size)).decode("latin-1"))


def _long(size: int) -> Callable[[_Machine], None]:
    return lambda m: m.push(int.from_bytes(m.bytes(m.number(size)), "little", signed=True))


def _constant(value: object) -> Callable[[_Machine], None]:
    return lambda m: m.push(value)


def _typed_int(machine: _Machine) -> None:
    text = machine.line()
    machine.push({"00": False, "01": True}[text] if text in ("00", "01") else int(text))


def _typed_text(machine: _Machine) -> None:
    line = machine.line()
    if len(line) < 2 or line[0] != line[-1] or line[0] not in "'\"":
        raise DamageError("the pickle has a text without quotes")
    machine.push(line[1:-1])


def _dict(machine: _Machine) -> None:
    pairs = machine.since_mark()
    machine.push({})
    _set_items(machine, pairs)


_ACTIONS: dict[bytes, Callable[[_Machine], Any]] = {
    b"\x80": lambda m: m.bytes(1),  # protocol
    b"\x95": lambda m: m.bytes(8),  # frame
    b"(": _constant(_MARK),
    b"0": lambda m: m.stack.pop(),
    b"1": lambda m: m.since_mark(),
    b"2": lambda m: m.push(m.top()),
    b"N": _constant(None),
    b"\x88": _constant(True),
    b"\x89": _constant(False),
    b"I": _typed_int,
    b"J": lambda m: m.push(m.number(4, "<i")),
    b"K": lambda m: m.push(m.number(1)),
    b"M": lambda m: m.push(m.number(2)),
    b"L": lambda m: m.push(int(m.line().rstrip("L"))),
    b"\x8a": _long(1),
    b"\x8b": _long(4),
    b"F": lambda m: m.push(float(m.line())),
    b"G": lambda m: m.push(struct.unpack(">d", m.bytes(8))[0]),
    b"S": _typed_text,
    b"T": _old_text(4),
    b"U": _old_text(1),
    b"V": lambda m: m.push(m.line()),
    b"X": _text(4),
    b"\x8c": _text(1),
    b"\x8d": _text(8),
    b"B": _raw(4),
    b"C": _raw(1),
    b"\x8e": _raw(8),
    b"\x96": _raw(8),
    b"]": lambda m: m.push([]),
    b"a": lambda m: _append(m, [m.pop()]),
    b"e": lambda m: _append(m, m.since_mark()),
    b"l": lambda m: m.push(m.since_mark()),
    b")": lambda m: m.push(()),
    b"t": lambda m: m.push(tuple(m.since_mark())),
    b"\x85": lambda m: m.push(m.several(1)),
    b"\x86": lambda m: m.push(m.several(2)),
    b"\x87": lambda m: m.push(m.several(3)),
    b"}": lambda m: m.push({}),
    b"d": _dict,
    b"s": lambda m: _set_items(m, [*m.several(2)]),
    b"u": lambda m: _set_items(m, m.since_mark()),
    b"\x8f": lambda m: m.push([]),  # a set: its order does not matter to anyone here
    b"\x90": lambda m: _append(m, m.since_mark()),
    b"\x91": lambda m: m.push(m.since_mark()),
    b"g": lambda m: m.recall(int(m.line())),
    b"h": lambda m: m.recall(m.number(1)),
    b"j": lambda m: m.recall(m.number(4)),
    b"p": lambda m: m.remember(int(m.line())),
    b"q": lambda m: m.remember(m.number(1)),
    b"r": lambda m: m.remember(m.number(4)),
    b"\x94": lambda m: m.remember(len(m.memo)),
    b"c": lambda m: m.global_(m.line(), m.line()),
    b"\x93": lambda m: m.global_(*m.several(2)),
    b"R": _reduce,
    b"b": _build,
    b"\x81": lambda m: _new(m, 2),
    b"\x92": lambda m: _new(m, 3),
    b"Q": _persistent,
}
