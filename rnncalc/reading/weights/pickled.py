"""A machine for pickles in which nothing is ever imported or called.

`pickletools` splits a pickle into operations, and does no more. What one would import is a `Name`
here, and what it would make by calling it is a `Made`: both are dead records. Only tensors, which
are records too, and a few containers are put together.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pickletools import genops
from typing import Any

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


_MARK = object()
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


def unpickled(file: BytesIO) -> object:
    """Return what the pickle at the position in `file` describes; the next byte is behind it.

    Raises:
        InputError: it asks for what no file of weights needs.
        DamageError: it is not a pickle.
    """
    machine, begin = _Machine(), file.tell()
    try:
        for operation, argument, _ in genops(file):
            if operation.name not in _ACTIONS:
                code = operation.code.encode("latin-1")
                raise DamageError(f"a pickle of weights has no opcode {code!r}")
            if file.tell() > begin + _MOST_BYTES:
                raise DamageError("the pickle is too long")
            _ACTIONS[operation.name](machine, argument)
    except ValueError as error:
        if not isinstance(error, DamageError | InputError) and not file.read(1):
            raise DamageError("the pickle ends too soon") from None
        raise
    return machine.pop()


class _Machine:
    """The stack of what was put together, and the memo of what was remembered."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}

    def push(self, value: object) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        self.top()
        return self.stack.pop()

    def top(self) -> Any:
        if not self.stack or self.stack[-1] is _MARK:
            raise DamageError("the pickle takes more than it has")
        return self.stack[-1]

    def since_mark(self) -> list[Any]:
        """Return what was pushed since the last mark, and take it and the mark away."""
        found = []
        while self.stack and self.stack[-1] is not _MARK:
            found.append(self.stack.pop())
        if not self.stack:
            raise DamageError("the pickle lacks a mark")
        self.stack.pop()
        return found[::-1]

    def several(self, n: int) -> tuple[Any, ...]:
        return tuple([self.pop() for _ in range(n)][::-1])

    def remember(self, key: int) -> None:
        self.memo[key] = self.top()

    def recall(self, key: int) -> None:
        if key not in self.memo:
            raise DamageError(f"the pickle remembers nothing under {key}")
        self.push(self.memo[key])

    def named(self, module: object, name: object) -> None:
        """Push the name of what a pickle would import."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise DamageError("the pickle asks for a name that is not text")
        _refuse_foreign(module, name)
        self.push(Name(_OLD.get(module, module), name))

    def extend(self, values: list[Any]) -> None:
        """Append to a list; what would be made by a call has no use for values."""
        target = self.top()
        if isinstance(target, list):
            target.extend(values)
        elif not isinstance(target, Made):
            raise DamageError("the pickle appends to what is not a list")

    def update(self, pairs: list[Any]) -> None:
        """Put keys and values into a dict; what would be made by a call has no use for them."""
        target = self.top()
        if len(pairs) % 2:
            raise DamageError("the pickle has a key without a value")
        if isinstance(target, dict):
            target.update(_mapping(zip(pairs[::2], pairs[1::2], strict=True)))
        elif not isinstance(target, Made):
            raise DamageError("the pickle sets items of what has none")

    def build(self) -> None:
        """Keep the state of a dead stand-in; that of a dict (`_metadata`) has no use."""
        state = self.pop()
        target = self.top()
        if isinstance(target, Made):
            target.state.append(state)
        elif not isinstance(target, dict | Tensor | list | Name):
            raise DamageError(f"the pickle gives a state to a {type(target).__name__}")

    def call(self, parts: int) -> None:
        """Push what a call would give: the first of the parts is called, the second one given."""
        function, arguments, *_ = self.several(parts)
        self.push(_called(function, arguments))


def _mapping(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    return {_key(key): value for key, value in pairs}


def _key(key: Any) -> Any:
    """Return the key of a dict: hashing a deep one would take all of the stack."""
    flat = (str, int, float, bool, bytes, type(None), Name)
    if isinstance(key, flat) or (isinstance(key, tuple) and all(isinstance(k, flat) for k in key)):
        return key
    if isinstance(key, Made | Tensor):
        return id(key)
    raise DamageError(f"the pickle has a {type(key).__name__} as a key")


_CONTAINERS = {"collections.OrderedDict", "collections.defaultdict", "builtins.dict"}
_TENSORS = {"torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor"}
_PARAMETERS = {"torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state"}


def _called(function: object, arguments: Any) -> object:
    """Return what a call would give, for the few names that put weights together."""
    if str(function) == "torch._tensor._rebuild_from_type_v2" and len(arguments) >= 3:
        function, _, arguments, *_ = arguments  # a subclass: the tensor is all that is wanted
    if not isinstance(function, Name) or not isinstance(arguments, tuple):
        return Made(function)
    name = str(function)
    if name in _CONTAINERS:
        return _mapping(arguments[0] if arguments and isinstance(arguments[0], list) else [])
    if name in _TENSORS and not isinstance(arguments[0], Made):
        return _tensor(arguments)
    return arguments[0] if name in _PARAMETERS and arguments else Made(function)


def _tensor(arguments: tuple[Any, ...]) -> Tensor:
    storage, offset, shape, strides, *_ = arguments
    sizes = (offset, *shape, *strides)
    whole = all(type(n) is int and n >= 0 for n in sizes) and len(shape) == len(strides)
    if not isinstance(storage, Storage) or not whole:
        raise DamageError("a tensor has a size, an offset or a stride that is not a whole number")
    return Tensor(storage, offset, tuple(shape), tuple(strides))


def _persistent(what: object) -> object:
    """Return the storage that ('storage', FloatStorage, '0', 'cpu', 24) names."""
    if isinstance(what, tuple) and len(what) == 4 and what[0] == "module":
        return what[1]  # a class with its source, which is not looked at
    if not isinstance(what, tuple) or len(what) < 5 or what[0] != "storage":
        raise DamageError("the pickle names something outside of itself that is not a storage")
    _, kind, key, _, count, *more = what
    if not isinstance(kind, Name) or type(count) is not int or count < 0:
        raise DamageError("a storage has no type or no size")
    view = more[0][1:] if more and isinstance(more[0], tuple) and len(more[0]) == 3 else None
    return Storage(kind.name, str(key), count, view)


def _dict(machine: _Machine) -> None:
    pairs = machine.since_mark()
    machine.push({})
    machine.update(pairs)


_WRITTEN = (  # in the pickle itself
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BYTEARRAY8"),
)
_ACTIONS: dict[str, Callable[[_Machine, Any], object]] = {
    **dict.fromkeys(_WRITTEN, _Machine.push),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _Machine.recall),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _Machine.remember),
    **dict.fromkeys(("PROTO", "FRAME", "STOP"), lambda *_: None),
    "MEMOIZE": lambda m, _: m.remember(len(m.memo)),
    "MARK": lambda m, _: m.push(_MARK),
    "POP": lambda m, _: m.stack.pop(),
    "POP_MARK": lambda m, _: m.since_mark(),
    "DUP": lambda m, _: m.push(m.top()),
    "NONE": lambda m, _: m.push(None),
    "NEWTRUE": lambda m, _: m.push(True),
    "NEWFALSE": lambda m, _: m.push(False),
    "EMPTY_LIST": lambda m, _: m.push([]),
    "APPEND": lambda m, _: m.extend([m.pop()]),
    "APPENDS": lambda m, _: m.extend(m.since_mark()),
    "LIST": lambda m, _: m.push(m.since_mark()),
    "EMPTY_SET": lambda m, _: m.push([]),  # its order does not matter to anyone here
    "ADDITEMS": lambda m, _: m.extend(m.since_mark()),
    "FROZENSET": lambda m, _: m.push(m.since_mark()),
    "EMPTY_TUPLE": lambda m, _: m.push(()),
    "TUPLE": lambda m, _: m.push(tuple(m.since_mark())),
    "TUPLE1": lambda m, _: m.push(m.several(1)),
    "TUPLE2": lambda m, _: m.push(m.several(2)),
    "TUPLE3": lambda m, _: m.push(m.several(3)),
    "EMPTY_DICT": lambda m, _: m.push({}),
    "DICT": lambda m, _: _dict(m),
    "SETITEM": lambda m, _: m.update([*m.several(2)]),
    "SETITEMS": lambda m, _: m.update(m.since_mark()),
    "GLOBAL": lambda m, name: m.named(*name.split(" ", 1)),
    "STACK_GLOBAL": lambda m, _: m.named(*m.several(2)),
    "REDUCE": lambda m, _: m.call(2),
    "NEWOBJ": lambda m, _: m.call(2),
    "NEWOBJ_EX": lambda m, _: m.call(3),
    "BUILD": lambda m, _: m.build(),
    "BINPERSID": lambda m, _: m.push(_persistent(m.pop())),
}
