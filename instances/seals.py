"""What Fordela wrote, and whether it still is as it was written.

A seal names the kind of a thing and has a digest of every file in it. It stands in the head of a folder
(`HEADS`), at the end of a page, and in the properties of a workbook. Only what still has its seal whole
can be replaced (`refusal`): what people wrote, changed or put beside it cannot be made again.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

#: The file of a folder that its seal stands in; the first that is there.
HEADS = ("comparison.json", "simulation.json", "validation.json", "result.json", "instance.toml")
#: What a kind is called; folders first, then files.
KINDS = {
    "instance": "an instance", "allocation": "a result", "transfers": "transfers",
    "placement": "a placement", "comparison": "a comparison", "simulation": "a simulation",
    "validation": "a validation", "charts": "charts", "report": "a report",
    "instance-book": "a workbook of an instance",
    "result-book": "a workbook of a result",
}  # fmt: skip
#: Left in folders by file managers, and of no worth.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_IN_JSON, _IN_TOML = ' "sealed": ', "# sealed: "
_PROPERTY = "Fordela seal"
_PROPERTIES = "docProps/custom.xml"
_DIGITS = 16
_PAGE = re.compile(rf"<!-- Fordela: ([a-z-]+) ([0-9a-f]{{{_DIGITS}}}) -->\n\Z")
_BOOK = re.compile(
    rf'name="{_PROPERTY}"[^>]*><[^>]*>([a-z-]+) ([0-9a-f]{{{_DIGITS}}})<'.encode()
)  # as other programs write it, too


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]


# --- folders ----------------------------------------------------------------------------------------


def seal_folder(folder: Path, kind: str) -> None:
    """Seal a folder that is complete; without a head of its own, each folder in it."""
    head = _head(folder)
    if head is None:
        for inner in sorted(p for p in folder.iterdir() if p.is_dir()):
            seal_folder(inner, kind)
        return
    text = head.read_text(encoding="utf-8")
    line = json.dumps({"kind": kind, "files": _files(folder, head, text)}, ensure_ascii=False)
    if head.suffix == ".json":
        sealed = text.removesuffix("\n}\n") + f",\n{_IN_JSON}{line}\n}}\n"
    else:
        sealed = text + f"{_IN_TOML}{line}\n"
    head.write_text(sealed, encoding="utf-8")


def _head(folder: Path) -> Path | None:
    return next((folder / name for name in HEADS if (folder / name).is_file()), None)


def _files(folder: Path, head: Path, head_text: str) -> dict[str, str]:
    """Digest of every file in a folder, by its path; links are not followed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name in _LITTER or (path.is_dir() and not path.is_symlink()):
            continue
        name = path.relative_to(folder).as_posix()
        if path == head:
            found[name] = _digest(head_text.encode())
        else:
            found[name] = "no file" if path.is_symlink() or not path.is_file() else _digest_of(path)
    return found


def _unsealed(head: Path) -> tuple[str, str, Mapping[str, str]]:
    """Text of a head without its seal, the kind, and the files; no kind without a seal."""
    text = head.read_text(encoding="utf-8")
    mark = _IN_JSON if head.suffix == ".json" else _IN_TOML
    start = text.find(f"\n{mark}") + 1
    if not start:
        return text, "", {}
    line, _, after = text[start + len(mark) :].partition("\n")
    seal = json.loads(line)
    before = text[:start]
    return before.removesuffix(",\n") + ("\n" if mark == _IN_JSON else "") + after, *_parts(seal)


def _parts(seal: object) -> tuple[str, Mapping[str, str]]:
    if not isinstance(seal, dict) or not isinstance(seal.get("files"), dict):
        return "", {}
    return str(seal.get("kind")), seal["files"]


def _folder_refusal(folder: Path, kind: str) -> str | None:
    head = _head(folder)
    inner = [p for p in sorted(folder.iterdir()) if p.name not in _LITTER]
    if head is None:
        # Several comparisons are a folder of folders.
        strange = [p for p in inner if not p.is_dir() or p.is_symlink() or _head(p) is None]
        if kind != "comparison" or strange or not inner:
            named = (strange or inner or [folder])[0].name
            return f"holds other files ({named}), so it is not replaced; choose an empty folder"
        return next((why for p in inner if (why := _folder_refusal(p, kind)) is not None), None)
    try:
        text, found, sealed = _unsealed(head)
    except ValueError:
        text, found, sealed = "", "", {}
    if found and found != kind:
        return _other_kind(found, kind)
    if not found:
        return _other_kind(_looks_like(head), kind) if _looks_like(head) != kind else (
            "has no seal, so Fordela cannot tell that it wrote it, and does not replace it; "
            "choose another name, or remove it yourself"
        )  # fmt: skip
    there = _files(folder, head, text)
    more = sorted(there.keys() - sealed.keys())
    if more:
        return f"holds other files ({more[0]}), so it is not replaced; choose an empty folder"
    changed = sorted(name for name, digest in sealed.items() if there.get(name) != digest)
    return _changed(", ".join(changed[:3])) if changed else None


def _looks_like(head: Path) -> str:
    """Kind of a folder that has no seal, by its head."""
    if head.name != "result.json":
        return head.name.partition(".")[0]
    try:
        data = json.loads(head.read_text(encoding="utf-8"))
    except ValueError:
        return "allocation"
    decides = data.get("decides") if isinstance(data, dict) else None
    return decides if decides in KINDS else "allocation"


def _other_kind(found: str, kind: str) -> str:
    there, wanted = KINDS.get(found, "something of another version"), KINDS[kind]
    return f"is {there}, and {wanted} never replaces it; choose another name, or remove it yourself"


def _changed(what: str) -> str:
    return (
        f"was changed after Fordela wrote it ({what}), so it is not replaced; "
        "choose another name, or remove it yourself"
    )


# --- pages and workbooks ----------------------------------------------------------------------------


def seal_page(text: str, kind: str) -> str:
    """Add the seal to the text of a page."""
    text = text.rstrip("\n") + "\n"
    return f"{text}<!-- Fordela: {kind} {_digest(text.encode())} -->\n"


def kind_of_book(properties: Mapping[str, str]) -> str:
    """Kind of a workbook by its properties; empty if it has no seal, whole or not."""
    return properties.get(_PROPERTY, "").partition(" ")[0]


def book_property(kind: str) -> tuple[str, str]:
    """Name and value of the property of a workbook in the making that its seal will stand in."""
    return _PROPERTY, f"{kind} {'0' * _DIGITS}"


def seal_book(data: bytes) -> bytes:
    """Put the seal of a workbook into its property."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        digest = _book_digest(old)
        for part in old.infolist():
            content = old.read(part)
            if part.filename == _PROPERTIES:
                content = content.replace(b"0" * _DIGITS, digest.encode(), 1)
            new.writestr(part, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _book_digest(book: zipfile.ZipFile) -> str:
    parts = sorted(
        f"{p.filename} {p.CRC} {p.file_size}" for p in book.infolist() if p.filename != _PROPERTIES
    )
    return _digest("\n".join(parts).encode())


def _file_refusal(file: Path, kind: str) -> str | None:
    found, whole = _book_seal(file) if file.suffix == ".xlsx" else _page_seal(file)
    if not found:
        return (
            "was not written by Fordela, or was saved by another program since, so it is not "
            "replaced; choose another name, or remove it yourself"
        )
    if found != kind:
        return _other_kind(found, kind)
    return None if whole else _changed(file.name)


def _page_seal(file: Path) -> tuple[str, bool]:
    try:
        text = file.read_text(encoding="utf-8")
    except ValueError:
        return "", False
    seal = _PAGE.search(text)
    if seal is None:
        return "", False
    return seal[1], seal[2] == _digest(text[: seal.start()].encode())


def _book_seal(file: Path) -> tuple[str, bool]:
    try:
        with zipfile.ZipFile(file) as book:
            seal = _BOOK.search(book.read(_PROPERTIES))
            return ("", False) if seal is None else (
                seal[1].decode(), seal[2].decode() == _book_digest(book)
            )  # fmt: skip
    except (zipfile.BadZipFile, KeyError):
        return "", False


def refusal(place: Path, kind: str) -> str | None:
    """Say why what is at a place may not be replaced by a thing of a kind; None if it may.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return _folder_refusal(place, kind) if place.is_dir() else _file_refusal(place, kind)
