#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes src/query/folding_table.inc from Python's Unicode data.

fold(c) = simple case folding, accents dropped: canonical decomposition without characters of a
non-zero combining class, where exactly one character is left. usage: make_folding_table.py > FILE
"""
import unicodedata as u

LAST = 0x1FFFF  # Letters above are CJK only: nothing to fold.


def simple_fold(c):
    for text in (c.casefold(), c.lower()):
        if len(text) == 1:
            return text
    return c


def fold(c):
    """The folded character, or None for an accent that is dropped."""
    if u.combining(c):
        return None
    base = "".join(x for x in u.normalize("NFD", simple_fold(c)) if not u.combining(x))
    return simple_fold(base) if len(base) == 1 else simple_fold(c)


def runs(points):
    """Groups [(from, to)] into (first, last, stride, to of first) with to - from constant."""
    out = []
    for a, b in points:
        if out:
            first, last, stride, to = out[-1]
            step = a - last
            if b - a == to - first and (step == stride or (first == last and step in (1, 2))):
                out[-1] = (first, a, step, to)
                continue
        out.append((a, a, 1, b))
    return out


def main():
    letters, mapped, dropped = [], [], []
    for n in range(0x80, LAST + 1):
        c = chr(n)
        if 0xD800 <= n <= 0xDFFF:
            continue
        f = fold(c)
        if f is None:
            dropped.append((n, n))
        elif f != c:
            mapped.append((n, ord(f)))
        if u.category(c)[0] in "LN":
            letters.append((n, n))
    print("// SPDX-License-Identifier: Apache-2.0")
    print(f"// Made by tools/make_folding_table.py from Unicode {u.unidata_version}. Do not edit.")
    rows = [("Mapping", "kMapped", runs(mapped)), ("Range", "kDropped", runs(dropped)), ("Range", "kLetters", runs(letters))]
    for kind, name, table in rows:
        items = []
        for first, last, stride, to in table:
            if kind == "Mapping":
                items.append(f"{{{first:#x},{last:#x},{stride},{to:#x}}}")
            elif stride == 2:
                items += [f"{{{n:#x},{n:#x}}}" for n in range(first, last + 1, 2)]
            else:
                items.append(f"{{{first:#x},{last:#x}}}")
        print(f"constexpr {kind} {name}[] = {{")
        line = "   "
        for item in items:
            if len(line) + len(item) + 2 > 99:
                print(line)
                line = "   "
            line += f" {item},"
        print(line)
        print("};")


main()
