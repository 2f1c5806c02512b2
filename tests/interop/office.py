# SPDX-License-Identifier: Apache-2.0
"""Opens a CSV export with hostile cells in LibreOffice, with formulas allowed: none of them may become one.

    office.py        needs soffice (Debian: libreoffice-calc)

The same cells without daybook's guard are opened first: they have to be found as formulas, else this test sees nothing.
"""
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from harness import Server  # noqa: E402

OFFICE, TABLE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}", "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
# Comma, double quotes, UTF-8, from line 1, detect special numbers, evaluate formulas.
IMPORT = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"
BODIES = ["1+1", "SUM(1;2)", 'HYPERLINK("http://example.org";"x")', "cmd|' /C calc'!A0", "A1", "1,2", '"x"&"y"', "x\r\n=1+1",
          "2+5+cmd|' /C calc'!A0", "DDE(\"soffice\";\"x\";\"y\")", "WEBSERVICE(\"http://example.org\")", "\u00e4"]
STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\t", "\r", "==", "=-", "+=", "\n=", " =", "'=", '"=', ";=", ",=", "\u00a0=", "\uff1d"]


def cells_of(document):
    """(text, whether it is a formula) of every cell of a flat OpenDocument file."""
    for cell in xml.parse(document).iter(TABLE + "table-cell"):
        formula = any(name == TABLE + "formula" for name in cell.attrib)
        yield "\n".join("".join(part.itertext()) for part in cell), formula


def convert(csv_file):
    """The file as LibreOffice understands it."""
    out = csv_file.parent / "out"
    profile = "-env:UserInstallation=file://" + str(csv_file.parent / "profile")
    subprocess.run(["soffice", profile, "--headless", "--infilter=" + IMPORT, "--convert-to", "fods", "--outdir", str(out),
                    str(csv_file)], check=True, capture_output=True, timeout=300)
    return out / (csv_file.stem + ".fods")


def export(texts):
    with tempfile.TemporaryDirectory(prefix="daybook-office-") as data, Server(data) as server:
        writer, auditor = server.token("writer", "writer"), server.token("reader", "auditor")
        events = [{"type": "C", "resource": "R", "ipAddress": text, "impersonatedBy": text,
                   "user": {"id": text, "username": text},
                   "detail": {"namespace": text, "flowId": text, "executionId": text, "revision": text}} for text in texts]
        events += [{"type": word, "resource": word} for word in {text.replace("\t", "").replace("\r", "").replace("\n", "")
                                                                 for text in texts}]
        events += [{"type": "C", "resource": "R", "id": "-" + str(n)} for n in range(3)]
        answer = server.call("POST", "/api/v1/main/auditlogs", "Bearer " + writer, events)
        assert answer.status == 201, answer.body
        answer = server.call("GET", "/api/v1/main/auditlogs/export?expand=daybook", "Bearer " + auditor)
        assert answer.status == 200
        return answer.body, len(events)


def main():
    texts = [start + body for start in STARTS for body in BODIES]
    with tempfile.TemporaryDirectory(prefix="daybook-office-") as folder:
        plain = io.StringIO(newline="")
        csv.writer(plain).writerows([text] for text in texts)
        control = pathlib.Path(folder, "control.csv")
        control.write_bytes(plain.getvalue().encode())
        unguarded = sum(formula for _, formula in cells_of(convert(control)))
        assert unguarded > len(BODIES), f"only {unguarded} formulas without the guard: this test sees nothing"

        body, events = export(texts)
        exported = pathlib.Path(folder, "export.csv")
        exported.write_bytes(body)
        cells = list(cells_of(convert(exported)))
        formulas = [text for text, formula in cells if formula]
    sent = sum(len(row) for row in csv.reader(io.StringIO(body.decode(), newline="")))
    print(json.dumps({"events": events, "cells": sent, "cellsWithText": sum(1 for text, _ in cells if text),
                      "formulas": len(formulas), "formulasWithoutGuard": unguarded}))
    for text in formulas[:10]:
        print("a formula:", repr(text))
    sys.exit(1 if formulas else 0)


if __name__ == "__main__":
    main()
