"""A machine for pickles in which nothing is ever imported or called.

`pickletools` splits a pickle into operations, and does no more. What one would import is a `Name`
here, and what it would make by calling it is a `Made`: both are dead records. Only tensors, which
are records too, and a few containers are put together.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from pickletools import OpcodeInfo, genops, stackslice
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

_PATHS = {"PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath", "Path"}
# Of the standard library, files of weights ask for these; of what else they ask, nothing is needed.
_HARMLESS: dict[str, set[str] | None] = {  # None: any name
    "collections": {"OrderedDict", "defaultdict", "Counter", "deque"},
    "builtins": {
        *("set", "frozenset", "dict", "list", "tuple", "object", "bytes", "bytearray", "complex"),
        *("slice", "range", "int", "float", "bool", "str", "getattr"),  # getattr: a bound method
    },
    "copyreg": {"_reconstructor", "__newobj__", "__newobj_ex__"},
    **dict.fromkeys(("typing", "dataclasses", "math")),
    "inspect": {"_empty"},
    "time": {"struct_time"},
    "functools": {"partial"},
    "argparse": {"Namespace"},
    "_codecs": {"encode"},
    "pathlib": _PATHS,
    "pathlib._local": _PATHS,
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
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    begin = file.tell()
    try:
        for operation, argument, at in genops(file):
            if (at or 0) > begin + _MOST_BYTES:
                raise DamageError("the pickle is too long")
            _apply(operation, argument, stack, memo)
    except ValueError as error:
        if not isinstance(error, DamageError | InputError) and not file.read(1):
            raise DamageError("the pickle ends too soon") from None
        raise
    return _top(stack)


def _apply(operation: OpcodeInfo, argument: Any, stack: list[Any], memo: dict[int, Any]) -> None:
    """Do what an operation does with the stack and with what was remembered."""
    name = operation.name
    if name in _VALUES:
        given = [] if operation.arg is None else [argument]
        stack.append(_VALUES[name](*given, *_taken(operation, stack)))
    elif name in _REMEMBERED:
        memo[len(memo) if argument is None else argument] = _top(stack)
    elif name in _RECALLED:
        if argument not in memo:
            raise DamageError(f"the pickle remembers nothing under {argument}")
        stack.append(memo[argument])
    elif name == "POP":
        stack.pop()
    elif name == "POP_MARK":
        _since_mark(stack)
    elif name == "DUP":
        stack.append(_top(stack))
    elif name not in ("PROTO", "FRAME", "STOP"):
        code = operation.code.encode("latin-1")
        raise DamageError(f"a pickle of weights has no opcode {code!r}")


def _taken(operation: OpcodeInfo, stack: list[Any]) -> list[Any]:
    """Take from the stack what an operation needs; what follows a mark is one list."""
    needed = operation.stack_before
    if not needed:
        return []
    marked = [_since_mark(stack)] if needed[-1] is stackslice else []
    n = len(needed) - 2 * len(marked)  # the mark and the slice
    found = stack[len(stack) - n :]
    if len(found) < n or any(each is _MARK for each in found):
        raise DamageError("the pickle takes more than it has")
    del stack[len(stack) - n :]
    return found + marked


def _top(stack: list[Any]) -> Any:
    if not stack or stack[-1] is _MARK:
        raise DamageError("the pickle takes more than it has")
    return stack[-1]


def _since_mark(stack: list[Any]) -> list[Any]:
    """Return what was pushed since the last mark, and take it and the mark away."""
    found = []
    while stack and stack[-1] is not _MARK:
        found.append(stack.pop())
    if not stack:
        raise DamageError("the pickle lacks a mark")
    stack.pop()
    return found[::-1]


# what an operation puts on the stack, from its argument and what it takes from the stack


def _named(module: object, name: object) -> Name:
    if not isinstance(module, str) or not isinstance(name, str):
        raise DamageError("the pickle asks for a name that is not text")
    _refuse_foreign(module, name)
    return Name(_OLD.get(module, module), name)


def _extended(target: object, values: list[Any]) -> object:
    """Return a list with more values; what would be made by a call has no use for them."""
    if isinstance(target, list):
        target.extend(values)
    elif not isinstance(target, Made):
        raise DamageError("the pickle appends to what is not a list")
    return target


def _updated(target: object, pairs: list[Any]) -> object:
    """Return a dict with more entries; what would be made by a call has no use for them."""
    if len(pairs) % 2:
        raise DamageError("the pickle has a key without a value")
    if isinstance(target, dict):
        target.update(_mapping(zip(pairs[::2], pairs[1::2], strict=True)))
    elif not isinstance(target, Made):
        raise DamageError("the pickle sets items of what has none")
    return target


def _built(target: object, state: object) -> object:
    """Return a dead stand-in with its state; that of a dict (`_metadata`) has no use."""
    if isinstance(target, Made):
        target.state.append(state)
    elif not isinstance(target, dict | Tensor | list | Name):
        raise DamageError(f"the pickle gives a state to a {type(target).__name__}")
    return target


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


_REMEMBERED = {"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"}
_RECALLED = {"GET", "BINGET", "LONG_BINGET"}
_WRITTEN = (  # in the pickle itself
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BYTEARRAY8"),
)
_VALUES: dict[str, Callable[..., object]] = {
    **dict.fromkeys(_WRITTEN, lambda value: value),
    **dict.fromkeys(("TUPLE1", "TUPLE2", "TUPLE3"), lambda *values: values),
    "MARK": lambda: _MARK,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_LIST": list,
    "LIST": list,
    "APPEND": lambda target, value: _extended(target, [value]),
    "APPENDS": _extended,
    "EMPTY_SET": list,  # its order does not matter to anyone here
    "ADDITEMS": _extended,
    "FROZENSET": list,
    "EMPTY_TUPLE": tuple,
    "TUPLE": tuple,
    "EMPTY_DICT": dict,
    "DICT": lambda pairs: _updated({}, pairs),
    "SETITEM": lambda target, *pair: _updated(target, [*pair]),
    "SETITEMS": _updated,
    "GLOBAL": lambda both: _named(*both.split(" ", 1)),
    "STACK_GLOBAL": _named,
    "REDUCE": _called,
    "NEWOBJ": _called,
    "NEWOBJ_EX": lambda kind, arguments, _: _called(kind, arguments),
    "BUILD": _built,
    "BINPERSID": _persistent,
}
