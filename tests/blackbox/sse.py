# SPDX-License-Identifier: Apache-2.0
"""A small client of server-sent events that reads the stream line by line, as a browser would."""
import http.client
import json


class Refused(Exception):
    def __init__(self, status, headers, body):
        super().__init__(status, body)
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Stream:
    """`with Stream(server, target, auth) as stream: event = stream.event()`."""

    def __init__(self, server, target, auth, last_event_id=None, timeout=20, headers=None):
        host, port = server.api.rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port), timeout=timeout)
        sent = {"Authorization": auth, "Accept": "text/event-stream", **(headers or {})}
        if last_event_id is not None:
            sent["Last-Event-ID"] = str(last_event_id)
        self.connection.request("GET", target, headers=sent)
        self.answer = self.connection.getresponse()
        self.comments = 0
        if self.answer.status != 200:
            refusal = Refused(self.answer.status, self.answer.headers, self.answer.read())
            self.connection.close()
            raise refusal
        assert self.answer.headers["Content-Type"].startswith("text/event-stream")

    def line(self):
        """The next line without its end, None at the end of the stream."""
        line = self.answer.readline()
        if not line:
            return None
        assert line.endswith(b"\n"), line
        return line[:-1].decode()

    def event(self):
        """The next event as a dict of its fields (`data` decoded), None at the end; counts comments on the way."""
        fields = {}
        while True:
            line = self.line()
            if line is None:
                assert not fields, fields
                return None
            if line == "":
                if fields:
                    assert list(fields) == ["id", "event", "data"] and fields["event"] == "auditlog", fields
                    return {"id": int(fields["id"]), "row": json.loads(fields["data"])}
                continue
            if line.startswith(":"):
                self.comments += 1
                continue
            name, value = line.split(":", 1)
            assert name not in fields
            fields[name] = value.removeprefix(" ")

    def events(self, count):
        return [self.event() for _ in range(count)]

    def close(self):
        self.connection.close()
        self.answer.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
