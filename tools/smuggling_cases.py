#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tests/data/smuggling/cases.jsonl: raw requests that two readers may read differently.

    tools/smuggling_cases.py > tests/data/smuggling/cases.jsonl

One line a case: `name`, `bytes` (a code point a byte), `expect`. In the bytes, `{n}` is the number of the case: its own
request is for /s/{n}, what an attacker hides in it for /evil/{n}; `{auth}` is a credential. `expect`:
  refuse   no back end may see anything of it
  pass     the back end sees exactly `sees`, a list of [method, path, body]
  any      both are right; what is seen must have been recorded, and nothing hidden may come out
The rules behind `expect` are those of RFC 9110 and 9112 with every repair refused; see docs/gateway.md.
"""
import json

H = "Host: h\r\nAuthorization: {auth}\r\n"
EVIL = "GET /evil/{n} HTTP/1.1\r\nHost: h\r\nAuthorization: {auth}\r\n\r\n"
CASES = []


def case(name, text, expect, sees=None):
    CASES.append({"name": name, "bytes": text, "expect": expect, **({"sees": sees} if expect == "pass" else {})})


def post(fields, body="", line="POST /s/{n} HTTP/1.1"):
    return line + "\r\n" + H + fields + "\r\n" + body


def sees(body="", method="POST", path="/s/{n}"):
    return [[method, path, body]]


def both_lengths():
    lengths = ["5", "0", "05", "4", "999", "+5", "5, 5", ""]
    codings = ["chunked", "Chunked", " chunked", "chunked ", "identity", "chunked, identity", "identity, chunked",
               "gzip, chunked", "xchunked", "\tchunked", "chunked,", "\"chunked\""]
    for length in lengths:
        for coding in codings:
            body = "0\r\n\r\n" + EVIL
            case(f"cl {length!r} and te {coding!r}",
                 post(f"Content-Length: {length}\r\nTransfer-Encoding: {coding}\r\n", body), "refuse")
            case(f"te {coding!r} and cl {length!r}",
                 post(f"Transfer-Encoding: {coding}\r\nContent-Length: {length}\r\n", body), "refuse")


def codings():
    chunked = "5\r\nhello\r\n0\r\n\r\n"
    for good in ("chunked", "Chunked", "CHUNKED", " chunked", "\tchunked", "chunked \t"):
        case(f"te {good!r}", post(f"Transfer-Encoding:{good}\r\n", chunked), "pass", sees("hello"))
    for name in ("transfer-encoding", "TRANSFER-ENCODING", "Transfer-encoding"):
        case(f"te named {name}", post(f"{name}: chunked\r\n", chunked), "pass", sees("hello"))
    odd = ["", "identity", "gzip", "chunked, identity", "identity, chunked", "chunked, chunked", "gzip, chunked",
           "chunked;q=1", "chunked;", "chunked,", ",chunked", "xchunked", "chunkedx", "chunke", "chunk ed",
           "'chunked'", "\"chunked\"", "chunked\x0b", "\x0bchunked", "chunked\x0c", "chunked\x00", "\xa0chunked",
           "chunked\xa0", "\xef\xbb\xbfchunked", "chunKed\x7f", "cow", "deflate", "trailers", "chunked, cow",
           "Chunked, Chunked", "[chunked]", "chunked=1", "\xff", "\x85chunked"]
    for value in odd:
        case(f"te {value!r}", post(f"Transfer-Encoding: {value}\r\n", chunked + EVIL), "refuse")
    for first, second in (("chunked", "chunked"), ("chunked", "identity"), ("identity", "chunked"),
                          ("chunked", ""), ("", "chunked"), ("chunked", "x")):
        case(f"te twice {first!r} {second!r}",
             post(f"Transfer-Encoding: {first}\r\nTransfer-Encoding: {second}\r\n", chunked + EVIL), "refuse")
        case(f"te twice, apart {first!r} {second!r}",
             post(f"Transfer-Encoding: {first}\r\nX-A: b\r\ntransfer-encoding: {second}\r\n", chunked + EVIL), "refuse")
    case("te in 1.0", post("Transfer-Encoding: chunked\r\n", chunked + EVIL, "POST /s/{n} HTTP/1.0"), "refuse")
    for alias in ("Transfer_Encoding", "Transfer Encoding", "Transfer-Encoding-", "X-Transfer-Encoding"):
        good = " " not in alias
        # Another name is another field: then there is no body, and what follows is a request of its own.
        case(f"te by the name {alias!r}", post(f"{alias}: chunked\r\nContent-Length: 5\r\n", "hello"),
             "pass" if good else "refuse", sees("hello"))


def lengths():
    for value, body in (("5", "hello"), ("0", ""), ("05", "hello"), ("000", ""), (" 5", "hello"), ("5 ", "hello"),
                        ("\t5\t", "hello")):
        case(f"cl {value!r}", post(f"Content-Length:{value}\r\n", body), "pass", sees(body))
    odd = ["+5", "-5", "-0", "0x5", "5x", "x5", "5 5", "5,5", "5, 5", "5, 6", "5;", "5.0", "5e0", "", "five", "5\x0b",
           "\x0b5", "5\x0c", "5\x00", "\xa05", "5\xa0", "\xd9\xa5", "\xef\xbc\x95", "18446744073709551616",
           "18446744073709551621", "99999999999999999999", "1" * 30, "5\x7f", "'5'", "\"5\"", "(5)", "5_0", "_5",
           "0b101", "0o5", "\xff5", "5\t5", "00x5", "5\x85"]
    for value in odd:
        case(f"cl {value!r}", post(f"Content-Length: {value}\r\n", "hello" + EVIL), "refuse")
    for first, second in (("5", "5"), ("5", "6"), ("6", "5"), ("0", "5"), ("5", "0"), ("5", ""), ("", "5"), ("5", "x")):
        case(f"cl twice {first!r} {second!r}",
             post(f"Content-Length: {first}\r\nContent-Length: {second}\r\n", "hello" + EVIL), "refuse")
        case(f"cl twice, other case {first!r} {second!r}",
             post(f"content-length: {first}\r\nX-A: b\r\nCONTENT-LENGTH: {second}\r\n", "hello" + EVIL), "refuse")
    for alias in ("Content_Length", "Content-Length-", "X-Content-Length"):
        case(f"cl by the name {alias!r}", post(f"{alias}: 40\r\nContent-Length: 5\r\n", "hello"), "pass", sees("hello"))


def field_names():
    fields = {"Content-Length": "5", "Transfer-Encoding": "chunked", "Host": "h", "X-A": "b"}
    for name, value in fields.items():
        for shown, made in (("space before the colon", f"{name} : {value}"), ("tab before the colon", f"{name}\t: {value}"),
                            ("no colon", f"{name} {value}"), ("empty name", f": {value}"),
                            ("space in front", f" {name}: {value}"), ("tab in front", f"\t{name}: {value}"),
                            ("nul in the name", f"{name}\x00: {value}"), ("cr in the name", f"{name}\r: {value}"),
                            ("lf in the name", f"{name}\n: {value}"), ("byte 0x80 in the name", f"{name}\x80: {value}"),
                            ("bom", f"\xef\xbb\xbf{name}: {value}"), ("slash", f"{name}/: {value}"),
                            ("nul in the value", f"{name}: {value}\x00"), ("cr in the value", f"{name}: \r{value}"),
                            ("cr at the end", f"{name}: {value}\r"), ("lf alone before it", f"X-B: c\n{name}: {value}"),
                            ("cr alone before it", f"X-B: c\r{name}: {value}"), ("folded", f"{name}:\r\n {value}"),
                            ("folded by a tab", f"{name}: {value}\r\n\tx"), ("vt in the value", f"{name}: \x0b{value}"),
                            ("escape in the value", f"{name}: \x1b{value}"), ("del in the value", f"{name}: {value}\x7f")):
            case(f"{name}: {shown}", post(f"X-First: 1\r\n{made}\r\nX-Last: 1\r\n", "hello" + EVIL), "refuse")
    case("folded first line", "POST /s/{n} HTTP/1.1\r\n Host: h\r\nAuthorization: {auth}\r\n\r\n" + EVIL, "refuse")


def chunks():
    def chunked(body):
        return post("Transfer-Encoding: chunked\r\n", body)

    good = [("extension", "5;a=b\r\nhello\r\n0\r\n\r\n", "hello"), ("quoted extension", "5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n", "hello"),
            ("bare extension", "5;a\r\nhello\r\n0;x=y\r\n\r\n", "hello"), ("upper case", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("leading zeros", "005\r\nhello\r\n000\r\n\r\n", "hello"), ("two chunks", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"),
            ("empty body", "0\r\n\r\n", ""), ("trailer", "5\r\nhello\r\n0\r\nX-T: v\r\n\r\n", "hello"),
            ("trailer Content-Length", "5\r\nhello\r\n0\r\nContent-Length: 40\r\n\r\n", "hello"),
            ("trailer Host", "5\r\nhello\r\n0\r\nHost: evil\r\n\r\n", "hello"),
            ("trailer Transfer-Encoding", "5\r\nhello\r\n0\r\nTransfer-Encoding: identity\r\n\r\n", "hello"),
            ("trailer Authorization", "5\r\nhello\r\n0\r\nAuthorization: Basic eDp5\r\n\r\n", "hello")]
    for shown, body, read in good:
        case(f"chunk: {shown}", chunked(body), "pass", sees(read))
    bad = ["5 \r\nhello", " 5\r\nhello", "\t5\r\nhello", "+5\r\nhello", "-5\r\nhello", "0x5\r\nhello", "5h\r\nhello", "\r\nhello",
           ";a=b\r\nhello", "5\nhello", "5\rhello", "5\r\nhelloo", "5\r\nhell", "5\r\nhello\n", "5\r\nhello\r", "5\r\nhelloX\r\n",
           "5;a\nb\r\nhello", "5;a\x00b\r\nhello", "5;a\rb\r\nhello", "5;\x0b\r\nhello", "ffffffffffffffff\r\nhello",
           "10000000000000005\r\nhello", "fffffffffffffffff5\r\nhello", "0000000000000000000000005\r\nhello", "5,5\r\nhello",
           "5 5\r\nhello", "\xef\xbc\x95\r\nhello", "x\r\nhello", "5\x00\r\nhello", "5\r\n\r\nhello", "5\x85\r\nhello",
           "5;" + "a" * 5000 + "\r\nhello", "'5'\r\nhello", "5\t;a=b\r\nhello", "5 ;a=b\r\nhello", "_5\r\nhello", "5_\r\nhello"]
    for body in bad:
        case(f"chunk: {body[:24]!r}", chunked(body + "\r\n0\r\n\r\n" + EVIL), "any")
    for end in ("0\r\n\n", "0\n\r\n", "0\r\nX\r\n\r\n", "0\r\n X: y\r\n\r\n", "0\r\nX : y\r\n\r\n", "0\r\n: y\r\n\r\n", "0\r\nX: \x00\r\n\r\n",
                "0\r\nX: a\rb\r\n\r\n", "0\r\nX: a\nb\r\n\r\n", "0\r\n" + "X: y\r\n" * 3000 + "\r\n", "00x\r\n\r\n", "-0\r\n\r\n"):
        case(f"last chunk: {end[:24]!r}", chunked("5\r\nhello\r\n" + end + EVIL), "any")


def request_lines():
    for version in ("HTTP/1.1", "HTTP/1.0"):
        case(f"line: {version}", post("Content-Length: 5\r\n", "hello", "POST /s/{n} " + version), "pass", sees("hello"))
    for version in ("", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/1", "HTTP/1.10", "HTTP/01.1", "http/1.1", "HTTP/1.1 ", "HTTP /1.1",
                    "HTTPS/1.1", "HTTP/1.1\t", "HTTP/1,1", "HTTP/11", "HTTP/1.1x", "ICY/1.1", "HTTP/1.\xb9", "HTTP/-1.1"):
        case(f"line: version {version!r}", post("Content-Length: 0\r\n", EVIL, "POST /s/{n} " + version), "refuse")
    for line in ("POST  /s/{n} HTTP/1.1", "POST /s/{n}  HTTP/1.1", "POST\t/s/{n}\tHTTP/1.1", "POST /s/{n} x HTTP/1.1", " POST /s/{n} HTTP/1.1",
                 "POST /s/{n}", "POST", "", "/s/{n} HTTP/1.1", "POST s/{n} HTTP/1.1", "POST ?{n} HTTP/1.1", "POST * HTTP/1.1",
                 "PO(ST /s/{n} HTTP/1.1", "PO\x00ST /s/{n} HTTP/1.1", "PO,ST /s/{n} HTTP/1.1", "\xef\xbb\xbfPOST /s/{n} HTTP/1.1",
                 "POST /s/{n}\x0bHTTP/1.1", "POST /s/{n}\xa0HTTP/1.1", "POST ftp://h/s/{n} HTTP/1.1", "POST http:/s/{n} HTTP/1.1",
                 "POST http:///s/{n} HTTP/1.1", "POST http://h@x/s/{n} HTTP/1.1", "POST http://other/s/{n} HTTP/1.1",
                 "POST https://h:81/s/{n} HTTP/1.1", "CONNECT h:80 HTTP/1.1", "CONNECT /s/{n} HTTP/1.1", "PRI * HTTP/2.0",
                 "GET /s/{n}\r HTTP/1.1", "GET /s/{n}\n HTTP/1.1", "POST /s/" + "a" * 70000 + " HTTP/1.1"):
        case(f"line: {line[:40]!r}", post("Content-Length: 0\r\n", EVIL, line), "refuse")
    for byte in list(range(0x00, 0x21)) + [0x7F, 0x80, 0xA0, 0xC0, 0xFF]:
        case(f"target: byte {byte:#04x}", post("Content-Length: 0\r\n", EVIL, "POST /s/{n}/a" + chr(byte) + "b HTTP/1.1"), "refuse")
    for target in ("/s/{n}/../x", "/s/{n}/./x", "/s/{n}//x", "/s/{n}/%2e%2e/x", "/s/{n}%2fx", "/s/{n}%00", "/s/{n}%0d%0aX:y",
                   "/s/{n}/..%2f", "/s/{n};a=b", "/s/{n}/%zz", "/s/{n}\\x", "//s/{n}", "/s/{n}|x", "/s/{n}\"x", "/s/{n}<x>",
                   "/s/{n}{x}", "/s/{n}^x", "/s/{n}`x", "/S/{n}", "/s/{n}/", "/s/{n}%2520", "/s/{n}+x", "/s/{n}\xc3\xa9", "/s/{n}/..;/x"):
        case(f"target: {target!r}", post("Content-Length: 5\r\n", "hello", f"POST {target} HTTP/1.1"), "pass",
             sees("hello", path=target))
    case("target: absolute", post("Content-Length: 5\r\n", "hello", "POST http://h/s/{n} HTTP/1.1"), "pass", sees("hello"))
    case("two empty lines first", "\r\n\r\n" + post("Content-Length: 5\r\n", "hello"), "any")
    case("one empty line first", "\r\n" + post("Content-Length: 5\r\n", "hello"), "pass", sees("hello"))
    case("line feed first", "\n" + post("Content-Length: 5\r\n", "hello"), "refuse")


def hosts():
    def request(fields):
        return "POST /s/{n} HTTP/1.1\r\nAuthorization: {auth}\r\n" + fields + "Content-Length: 5\r\n\r\nhello"

    for value in ("h", "h:80", "h:", "[::1]", "[::1]:80", "127.0.0.1", "H", "a.b.c", "", "a_b", "xn--a"):
        case(f"host {value!r}", request(f"Host: {value}\r\n"), "pass", sees("hello"))
    for value in ("h, h", "h h", "h/x", "u@h", "h?x", "h#x", "h\\x", "h\"", "<h>", "h\x80", "{h}", "h|x", "h^x", "h`x"):
        case(f"host {value!r}", request(f"Host: {value}\r\n"), "refuse")
    for first, second in (("h", "h"), ("h", "evil"), ("evil", "h"), ("h", ""), ("", "h")):
        case(f"hosts {first!r} {second!r}", request(f"Host: {first}\r\nHost: {second}\r\n"), "refuse")
        case(f"hosts apart {first!r} {second!r}", request(f"host: {first}\r\nX-A: b\r\nHOST: {second}\r\n"), "refuse")
    case("absolute target, other host", "POST http://a/s/{n} HTTP/1.1\r\nHost: b\r\nAuthorization: {auth}\r\n\r\n", "refuse")


def line_ends():
    text = post("X-A: b\r\nContent-Length: 5\r\n", "hello")
    at = [i for i in range(len(text)) if text.startswith("\r\n", i)]
    for i in at:
        for shown, end in (("lf", "\n"), ("cr", "\r"), ("lf cr", "\n\r"), ("cr cr lf", "\r\r\n"), ("nul crlf", "\0\r\n")):
            case(f"line end {at.index(i)} is {shown}", text[:i] + end + text[i + 2:] + EVIL, "refuse")


def connections():
    for value in ("close, Content-Length", "Content-Length", "Host", "Transfer-Encoding", "Authorization", "X-Forwarded-For",
                  "keep-alive, Host, Content-Length", "close", "keep-alive", "upgrade", "Cookie"):
        case(f"connection {value!r}", post(f"Connection: {value}\r\nContent-Length: 5\r\n", "hello"), "pass", sees("hello"))
    for value in ("h2c", "websocket", "HTTP/2.0", "TLS/1.0"):
        case(f"upgrade {value!r}", post(f"Connection: Upgrade\r\nUpgrade: {value}\r\nContent-Length: 5\r\n", "hello"), "pass",
             sees("hello"))
    case("h2c settings", post("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 5\r\n",
                              "hello"), "pass", sees("hello"))
    case("http/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + EVIL, "refuse")
    case("two credentials", post("authorization: {auth}\r\nContent-Length: 5\r\n", "hello" + EVIL), "refuse")
    case("two credentials of two people", post("authorization: Basic eDp5\r\nContent-Length: 5\r\n", "hello" + EVIL), "refuse")
    for value in ("100-continue", "100-Continue", "100-continue, x", "200-ok", ""):
        case(f"expect {value!r}", post(f"Expect: {value}\r\nContent-Length: 5\r\n", "hello"), "pass", sees("hello"))
    for name in ("TE", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Trailer"):
        case(f"hop by hop {name}", post(f"{name}: x\r\nContent-Length: 5\r\n", "hello"), "pass", sees("hello"))


def methods():
    for method in ("GET", "HEAD", "OPTIONS", "DELETE", "PUT", "PATCH", "PROPFIND", "FOO", "get", "M-SEARCH"):
        line = method + " /s/{n} HTTP/1.1"
        case(f"{method} without a body", post("", "", line), "pass", sees("", method))
        case(f"{method} with a length", post("Content-Length: 5\r\n", "hello", line), "pass", sees("hello", method))
        case(f"{method} with chunks", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", line), "pass",
             sees("hello", method))
    case("TRACE", post("", "", "TRACE /s/{n} HTTP/1.1"), "refuse")
    case("OPTIONS *", post("", "", "OPTIONS * HTTP/1.1"), "any")


def pipelines():
    one = post("Content-Length: 5\r\n", "hello")
    two = one.replace("/s/{n}", "/s/{n}/2")
    seen_two = sees("hello") + sees("hello", path="/s/{n}/2")
    case("pipelined", one + two, "pass", seen_two)
    case("pipelined, an empty line between", one + "\r\n" + two, "pass", seen_two)
    case("pipelined after chunks", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n") + two, "pass", seen_two)
    case("good, then bad", one + "GET /evil/{n} HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n", "pass", sees("hello"))
    case("good, then nonsense", one + "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "pass", sees("hello"))
    case("bad, then good", post("Content-Length: +5\r\n", "hello") + EVIL, "refuse")
    case("close, then more", post("Connection: close\r\nContent-Length: 5\r\n", "hello" + EVIL), "pass", sees("hello"))
    case("1.0, then more", post("Content-Length: 5\r\n", "hello" + EVIL, "POST /s/{n} HTTP/1.0"), "pass", sees("hello"))
    case("a body that looks like a request", post(f"Content-Length: {len('GET /evil HTTP/1.1') + 4}\r\n", "GET /evil HTTP/1.1\r\n\r\n"),
         "pass", sees("GET /evil HTTP/1.1\r\n\r\n"))
    case("too many fields", post("".join(f"X-{i}: y\r\n" for i in range(200)), EVIL), "refuse")
    case("a head too large", post("X-A: " + "y" * 70000 + "\r\n", EVIL), "refuse")
    case("cut in the head", "POST /s/{n} HTTP/1.1\r\nHost: h\r\nContent-Le", "refuse")
    case("cut in the body", post("Content-Length: 50\r\n", "hello"), "any")
    case("cut in a chunk", post("Transfer-Encoding: chunked\r\n", "50\r\nhello"), "any")
    case("cut before the last chunk", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"), "any")


def main():
    for make in (both_lengths, codings, lengths, field_names, chunks, request_lines, hosts, line_ends, connections, methods,
                 pipelines):
        make()
    for one in CASES:
        print(json.dumps(one, ensure_ascii=True))


if __name__ == "__main__":
    main()
