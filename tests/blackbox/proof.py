# SPDX-License-Identifier: Apache-2.0
"""Recomputes a proof (`format=json`) down to the 97 bytes and the signed checkpoint.

Written from the API contract and the C2SP specifications alone; shares no code with the product.
"""
import base64
import binascii
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KINDS = (("event", b"\x01"), ("actor", b"\x02"), ("change", b"\x03"))


class Refused(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Refused(what)


def b64(text):
    need(isinstance(text, str), "base64 is not a text")
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as bad:
        raise Refused(f"bad base64: {bad}") from bad
    need(base64.b64encode(raw).decode() == text, "base64 is not canonical")
    return raw


def hex32(text):
    need(isinstance(text, str) and len(text) == 64 and text == text.lower(), "not 64 lower-case hex digits")
    try:
        return bytes.fromhex(text)
    except ValueError as bad:
        raise Refused(str(bad)) from bad


def sha(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def node(left, right):
    return sha(b"\x01", left, right)


def root_from_path(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    need(0 <= index < size, "index outside the tree")
    fn, sn, root = index, size - 1, leaf
    for sibling in path:
        need(len(sibling) == 32, "a path hash is not 32 bytes")
        need(sn != 0, "path too long")
        if fn & 1 or fn == sn:
            root = node(sibling, root)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = node(root, sibling)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "path too short")
    return root


def parse_vkey(vkey):
    name, key_id, key = vkey.rsplit("+", 2) if vkey.count("+") == 2 else _split_vkey(vkey)
    raw = b64(key)
    need(raw[:1] == b"\x01" and len(raw) == 33, "not an Ed25519 vkey")
    need(sha(name.encode(), b"\n", raw)[:4].hex() == key_id, "vkey id does not match")
    return name, bytes.fromhex(key_id), raw[1:]


def _split_vkey(vkey):
    # The base64 may itself hold '+': name and id end at the first two.
    parts = vkey.split("+", 2)
    need(len(parts) == 3, "malformed vkey")
    return parts


def open_checkpoint(note, vkeys):
    """Origin, size, root of a checkpoint signed by one of the keys."""
    need("\n\n" in note, "not a signed note")
    at = note.rindex("\n\n")
    text, lines = note[: at + 1], note[at + 2:].splitlines()
    need(note.endswith("\n"), "the note does not end with a line feed")
    origin, size, root = (text.split("\n") + ["", "", ""])[:3]
    good = False
    for vkey in vkeys:
        name, key_id, public = parse_vkey(vkey)
        for line in lines:
            prefix = f"\u2014 {name} "
            if not line.startswith(prefix):
                continue
            raw = b64(line[len(prefix):])
            if raw[:4] != key_id:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
            except InvalidSignature as bad:
                raise Refused("bad checkpoint signature") from bad
            need(name == origin, "the key's name is not the origin")
            good = True
    need(good, "no good signature")
    need(size == str(int(size)), "size is not canonical")
    return origin, int(size), b64(root)


def check(document, trusted_vkey=None):
    """Raises Refused unless every statement in the document holds. Returns the parts that are shown."""
    try:
        return _check(document, trusted_vkey)
    except Refused:
        raise
    except Exception as bad:  # A document of another shape is refused, too.
        raise Refused(f"malformed: {bad!r}") from bad


def _check(document, trusted_vkey):
    leaf, shown = b"\x01", {}
    for name, kind in KINDS:
        part = document["parts"][name]
        commitment = hex32(part["commitment"])
        if "state" in part:
            need(part["state"] in ("erased", "withheld"), "unknown state of a part")
        else:
            salt, content = b64(part["salt"]), b64(part["bytes"])
            need(len(salt) == 16, "a salt is not 16 bytes")
            need(sha(kind, salt, content) == commitment, f"{name}: commitment does not match")
            shown[name] = json.loads(content) if content else None
        leaf += commitment
    need(len(leaf) == 97 and leaf == b64(document["leaf"]), "leaf is not made of the commitments")
    leaf_hash = sha(b"\x00", leaf)
    need(leaf_hash == hex32(document["leafHash"]), "leaf hash does not match")
    if shown.get("event"):
        need(shown["event"]["id"] == document["id"], "the proof is of another entry")
    proof = document["proof"]
    root = root_from_path(document["index"], proof["treeSize"], leaf_hash, [b64(h) for h in proof["hashes"]])
    need(root == hex32(proof["rootHash"]), "root does not match the path")
    keys = [trusted_vkey] if trusted_vkey else document["keys"]
    for vkey in document["keys"]:
        parse_vkey(vkey)
    origin, size, signed_root = open_checkpoint(document["checkpoint"], keys)
    need(origin == document["origin"], "the checkpoint is of another log")
    need(size == proof["treeSize"] and signed_root == root, "the checkpoint is of another tree")
    return shown
