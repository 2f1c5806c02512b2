// SPDX-License-Identifier: Apache-2.0
#include "head_parser.h"

#include <string>

#include <gtest/gtest.h>

namespace daybook::net {
namespace {

using namespace std::string_literals;

enum class Verdict { good, invalid, exhausted, unsupported };

struct Case {
  const char* name;
  std::string raw;
  Verdict verdict;
};

// As the server does it: find the end, then parse.
Verdict judge(const std::string& raw) {
  std::size_t line = 0;
  const HeadScan scan = scan_head(raw, line);
  if (scan == HeadScan::bad) {
    return Verdict::invalid;
  }
  EXPECT_EQ(scan, HeadScan::complete);
  const auto head = parse_request_head(std::string_view(raw).substr(0, line), 100);
  if (head) {
    return Verdict::good;
  }
  switch (head.error().code) {
    case Errc::exhausted:
      return Verdict::exhausted;
    case Errc::unsupported:
      return Verdict::unsupported;
    default:
      return Verdict::invalid;
  }
}

std::string get(const std::string& fields) {
  return "GET /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields) {
  return "POST /x HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}
std::string line(const std::string& first) {
  return first + "\r\nHost: h\r\n\r\n";
}

std::string many_fields(int count) {
  std::string out = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < count; ++i) {
    out += "a: b\r\n";
  }
  return out + "\r\n";
}

class HeadTable : public testing::TestWithParam<Case> {};

TEST_P(HeadTable, Verdict) {
  EXPECT_EQ(judge(GetParam().raw), GetParam().verdict);
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(
    RequestLine, HeadTable,
    testing::Values(
        Case{"plain", line("GET / HTTP/1.1"), Verdict::good},
        Case{"old_version", line("GET / HTTP/1.0"), Verdict::good},
        Case{"query", line("GET /a?b=c%20d&e HTTP/1.1"), Verdict::good},
        Case{"double_slash", line("GET //a//b HTTP/1.1"), Verdict::good},
        Case{"dots_kept", line("GET /a/../b/%2e%2e HTTP/1.1"), Verdict::good},
        Case{"utf8_target",
             line("GET /gr\xc3\xb6\xc3\x9f"
                  "e HTTP/1.1"),
             Verdict::good},
        Case{"broken_utf8_target", line("GET /\xc3( HTTP/1.1"), Verdict::invalid},
        Case{"odd_method", line("PURGE-1 / HTTP/1.1"), Verdict::good},
        Case{"lower_method", line("get / HTTP/1.1"), Verdict::good},
        Case{"options_star", line("OPTIONS * HTTP/1.1"), Verdict::good},
        Case{"get_star", line("GET * HTTP/1.1"), Verdict::invalid},
        Case{"trace", line("TRACE / HTTP/1.1"), Verdict::good},
        Case{"connect", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", Verdict::unsupported},
        Case{"absolute_same_host", line("GET http://h/x HTTP/1.1"), Verdict::good},
        Case{"absolute_case", line("GET HTTP://H/x HTTP/1.1"), Verdict::good},
        Case{"absolute_other_host", line("GET http://evil/x HTTP/1.1"), Verdict::invalid},
        Case{"absolute_userinfo", line("GET http://u@h/x HTTP/1.1"), Verdict::invalid},
        Case{"absolute_no_host_field", "GET http://h/x HTTP/1.1\r\n\r\n", Verdict::good},
        Case{"absolute_empty_host", line("GET http:///x HTTP/1.1"), Verdict::invalid},
        Case{"ftp_target", line("GET ftp://h/x HTTP/1.1"), Verdict::invalid},
        Case{"relative_target", line("GET x HTTP/1.1"), Verdict::invalid},
        Case{"http09", "GET /\r\n\r\n", Verdict::invalid},
        Case{"http09_host", line("GET /"), Verdict::invalid},
        Case{"http2_preface", "PRI * HTTP/2.0\r\n\r\n", Verdict::invalid},
        Case{"http11_lower", line("GET / http/1.1"), Verdict::invalid},
        Case{"http12", line("GET / HTTP/1.2"), Verdict::invalid},
        Case{"http011", line("GET / HTTP/01.1"), Verdict::invalid},
        Case{"http1", line("GET / HTTP/1"), Verdict::invalid},
        Case{"version_tail", line("GET / HTTP/1.1x"), Verdict::invalid},
        Case{"two_spaces", line("GET  / HTTP/1.1"), Verdict::invalid},
        Case{"space_in_target", line("GET /a b HTTP/1.1"), Verdict::invalid},
        Case{"trailing_space", line("GET / HTTP/1.1 "), Verdict::invalid},
        Case{"leading_space", line(" GET / HTTP/1.1"), Verdict::invalid},
        Case{"tab_separator", line("GET\t/\tHTTP/1.1"), Verdict::invalid},
        Case{"tab_in_target", line("GET /a\tb HTTP/1.1"), Verdict::invalid},
        Case{"del_in_target", line("GET /a\x7f HTTP/1.1"), Verdict::invalid},
        Case{"nul_in_target", line("GET /a\0b HTTP/1.1"s), Verdict::invalid},
        Case{"bare_cr_in_target", line("GET /a\rb HTTP/1.1"), Verdict::invalid},
        Case{"method_brackets", line("GET[] / HTTP/1.1"), Verdict::invalid},
        Case{"empty_method", line(" / HTTP/1.1"), Verdict::invalid},
        Case{"only_method", line("GET"), Verdict::invalid}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Fields, HeadTable,
    testing::Values(
        Case{"none", "GET / HTTP/1.1\r\n\r\n", Verdict::good},
        Case{"empty_value", get("X:\r\n"), Verdict::good},
        Case{"blank_value", get("X:  \t \r\n"), Verdict::good},
        Case{"latin1_value", get("X: \xe9\r\n"), Verdict::good},
        Case{"tab_in_value", get("X: a\tb\r\n"), Verdict::good},
        Case{"underscore_name", get("X_Y: a\r\n"), Verdict::good},
        Case{"space_before_colon", get("X : a\r\n"), Verdict::invalid},
        Case{"tab_before_colon", get("X\t: a\r\n"), Verdict::invalid},
        Case{"space_in_name", get("X Y: a\r\n"), Verdict::invalid},
        Case{"empty_name", get(": a\r\n"), Verdict::invalid},
        Case{"no_colon", get("X\r\n"), Verdict::invalid},
        Case{"obs_fold_space", get("X: a\r\n b\r\n"), Verdict::invalid},
        Case{"obs_fold_tab", get("X: a\r\n\tb\r\n"), Verdict::invalid},
        Case{"first_line_folded", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", Verdict::invalid},
        Case{"nul_in_name", get("X\0: a\r\n"s), Verdict::invalid},
        Case{"nul_in_value", get("X: a\0b\r\n"s), Verdict::invalid},
        Case{"esc_in_value", get("X: a\x1b[0m\r\n"), Verdict::invalid},
        Case{"del_in_value", get("X: a\x7f\r\n"), Verdict::invalid},
        Case{"vt_in_value", get("X: a\vb\r\n"), Verdict::invalid},
        Case{"bare_cr_in_value", get("X: a\rb\r\n"), Verdict::invalid},
        Case{"double_cr", get("X: a\r\r\n"), Verdict::invalid},
        Case{"bare_lf_line", "GET / HTTP/1.1\nHost: h\r\n\r\n", Verdict::invalid},
        Case{"bare_lf_field", get("X: a\nY: b\r\n"), Verdict::invalid},
        Case{"bare_lf_end", "GET / HTTP/1.1\r\nHost: h\r\n\n", Verdict::invalid},
        Case{"all_bare_lf", "GET / HTTP/1.1\nHost: h\n\n", Verdict::invalid},
        Case{"latin1_name", get("X\xe9: a\r\n"), Verdict::invalid},
        Case{"quoted_name", get("\"X\": a\r\n"), Verdict::invalid},
        Case{"hundred_fields", many_fields(100), Verdict::good},
        Case{"too_many_fields", many_fields(101), Verdict::exhausted},
        Case{"two_hosts", get("Host: h\r\n"), Verdict::invalid},
        Case{"two_hosts_case", get("hOST: other\r\n"), Verdict::invalid},
        Case{"one_credential", get("Authorization: Basic YQ==\r\n"), Verdict::good},
        Case{"two_credentials", get("Authorization: Basic YQ==\r\nauthorization: Basic Yg==\r\n"),
             Verdict::invalid},
        Case{"no_host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", Verdict::good},
        Case{"host_port", "GET / HTTP/1.1\r\nHost: a.b:80\r\n\r\n", Verdict::good},
        Case{"host_v6", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", Verdict::good},
        Case{"host_empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", Verdict::good},
        Case{"host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", Verdict::invalid},
        Case{"host_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", Verdict::invalid},
        Case{"host_userinfo", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", Verdict::invalid},
        Case{"upgrade_h2c", get("Upgrade: h2c\r\nConnection: Upgrade\r\n"), Verdict::good}),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    Framing, HeadTable,
    testing::Values(
        Case{"length", post("Content-Length: 5\r\n"), Verdict::good},
        Case{"length_zero", post("Content-Length: 0\r\n"), Verdict::good},
        Case{"length_leading_zeros", post("Content-Length: 005\r\n"), Verdict::good},
        Case{"length_padded", post("Content-Length: \t 5 \r\n"), Verdict::good},
        Case{"length_max", post("Content-Length: 18446744073709551615\r\n"), Verdict::good},
        Case{"length_over", post("Content-Length: 18446744073709551616\r\n"), Verdict::invalid},
        Case{"length_wraps", post("Content-Length: 18446744073709551621\r\n"), Verdict::invalid},
        Case{"length_negative", post("Content-Length: -1\r\n"), Verdict::invalid},
        Case{"length_plus", post("Content-Length: +5\r\n"), Verdict::invalid},
        Case{"length_hex", post("Content-Length: 0x5\r\n"), Verdict::invalid},
        Case{"length_list", post("Content-Length: 5, 5\r\n"), Verdict::invalid},
        Case{"length_two_numbers", post("Content-Length: 5 5\r\n"), Verdict::invalid},
        Case{"length_empty", post("Content-Length:\r\n"), Verdict::invalid},
        Case{"length_underscore", post("Content-Length: 1_0\r\n"), Verdict::invalid},
        Case{"length_fraction", post("Content-Length: 5.0\r\n"), Verdict::invalid},
        Case{"length_quoted", post("Content-Length: \"5\"\r\n"), Verdict::invalid},
        Case{"length_tail_vt", post("Content-Length: 5\v\r\n"), Verdict::invalid},
        Case{"length_same_twice", post("Content-Length: 5\r\nContent-Length: 5\r\n"),
             Verdict::invalid},
        Case{"length_differs", post("Content-Length: 5\r\ncontent-length: 6\r\n"),
             Verdict::invalid},
        Case{"length_on_get", get("Content-Length: 3\r\n"), Verdict::good},
        Case{"chunked", post("Transfer-Encoding: chunked\r\n"), Verdict::good},
        Case{"chunked_upper", post("TRANSFER-ENCODING: CHUNKED\r\n"), Verdict::good},
        Case{"chunked_get", get("Transfer-Encoding: chunked\r\n"), Verdict::good},
        Case{"chunked_vt", post("Transfer-Encoding: \vchunked\r\n"), Verdict::invalid},
        Case{"chunked_quoted", post("Transfer-Encoding: \"chunked\"\r\n"), Verdict::invalid},
        Case{"chunked_comma", post("Transfer-Encoding: chunked,\r\n"), Verdict::invalid},
        Case{"comma_chunked", post("Transfer-Encoding: ,chunked\r\n"), Verdict::invalid},
        Case{"xchunked", post("Transfer-Encoding: xchunked\r\n"), Verdict::invalid},
        Case{"chunked_semicolon", post("Transfer-Encoding: chunked;q=1\r\n"), Verdict::invalid},
        Case{"chunked_identity", post("Transfer-Encoding: chunked, identity\r\n"),
             Verdict::invalid},
        Case{"gzip_chunked", post("Transfer-Encoding: gzip, chunked\r\n"), Verdict::invalid},
        Case{"identity", post("Transfer-Encoding: identity\r\n"), Verdict::invalid},
        Case{"encoding_empty", post("Transfer-Encoding:\r\n"), Verdict::invalid},
        Case{"encoding_twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
             Verdict::invalid},
        Case{"encoding_twice_mixed",
             post("Transfer-Encoding: chunked\r\nTransfer-encoding: identity\r\n"),
             Verdict::invalid},
        Case{"both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), Verdict::invalid},
        Case{"both_reversed", post("Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
             Verdict::invalid},
        Case{"encoding_http10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
             Verdict::invalid},
        Case{"encoding_space_colon", post("Transfer-Encoding : chunked\r\n"), Verdict::invalid},
        Case{"encoding_folded", post("Transfer-Encoding:\r\n chunked\r\n"), Verdict::invalid},
        Case{"encoding_hidden_by_cr", post("X: y\rTransfer-Encoding: chunked\r\n"),
             Verdict::invalid}),
    case_name);

TEST(HeadParser, KeepsOrderCaseAndRepeats) {
  const auto head = parse_request_head(
      "PUT /a?b HTTP/1.1\r\nB-b: 1\r\nhost: h\r\na:2 \r\nB-B:\t3\r\ncontent-length: 7\r\n\r\n",
      100);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->method, "PUT");
  EXPECT_EQ(head->target, "/a?b");
  EXPECT_EQ(head->version, 11U);
  EXPECT_EQ(head->content_length, 7U);
  EXPECT_FALSE(head->chunked);
  const std::vector<Headers::Field> want = {
      {"B-b", "1"}, {"host", "h"}, {"a", "2"}, {"B-B", "3"}, {"content-length", "7"}};
  EXPECT_EQ(head->headers.fields(), want);
}

TEST(HeadParser, EveryPrefixOfAGoodHeadIsIncomplete) {
  const std::string raw = "GET /x HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\nrest";
  const std::size_t head_bytes = raw.size() - 4;
  std::size_t line = 0;
  for (std::size_t size = 0; size < head_bytes; ++size) {
    EXPECT_EQ(scan_head(std::string_view(raw).substr(0, size), line), HeadScan::incomplete) << size;
  }
  EXPECT_EQ(scan_head(raw, line), HeadScan::complete);
  EXPECT_EQ(line, head_bytes);
}

TEST(HeadParser, ResumedScanSeesBadBytesAnywhere) {
  const std::string good = "GET /x HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string raw = good;
    raw.insert(at, 1, '\0');
    std::size_t line = 0;
    HeadScan scan = HeadScan::incomplete;
    for (std::size_t size = 1; size <= raw.size() && scan == HeadScan::incomplete; ++size) {
      scan = scan_head(std::string_view(raw).substr(0, size), line);
    }
    EXPECT_EQ(scan, HeadScan::bad) << at;
  }
}

TEST(HeadParser, RequestLineIsCheckedAlone) {
  EXPECT_TRUE(check_request_line("GET / HTTP/1.1"));
  EXPECT_FALSE(check_request_line("GET /"));
  EXPECT_FALSE(check_request_line("\x16\x03\x01\x02"));
}

TEST(ResponseHeadParser, StatusLines) {
  struct {
    const char* line;
    bool good;
    unsigned status;
    const char* reason;
  } const cases[] = {
      {"HTTP/1.1 200 OK", true, 200, "OK"},
      {"HTTP/1.0 200 OK", true, 200, "OK"},
      {"HTTP/1.1 422 Invalid entity", true, 422, "Invalid entity"},
      {"HTTP/1.1 204 ", true, 204, ""},
      {"HTTP/1.1 204", true, 204, ""},
      {"HTTP/1.1 409 Illegal  state ", true, 409, "Illegal  state "},
      {"HTTP/1.1 99 Low", false, 0, ""},
      {"HTTP/1.1 2000 X", false, 0, ""},
      {"HTTP/1.1  200 OK", false, 0, ""},
      {"HTTP/1.1 2x0 OK", false, 0, ""},
      {"HTTP/2 200 OK", false, 0, ""},
      {"HTTP/1.1 200 a\x1b", false, 0, ""},
      {"ICY 200 OK", false, 0, ""},
      {"", false, 0, ""},
  };
  for (const auto& c : cases) {
    const auto head = parse_response_head(std::string(c.line) + "\r\nA: b\r\n\r\n", 10);
    EXPECT_EQ(head.has_value(), c.good) << c.line;
    if (head && c.good) {
      EXPECT_EQ(head->status, c.status);
      EXPECT_EQ(head->reason, c.reason);
    }
  }
}

TEST(ResponseHeadParser, FramingIsAsStrictAsForRequests) {
  const std::string start = "HTTP/1.1 200 OK\r\n";
  EXPECT_TRUE(parse_response_head(start + "Transfer-Encoding: chunked\r\n\r\n", 10));
  EXPECT_FALSE(parse_response_head(start + "Transfer-Encoding: gzip, chunked\r\n\r\n", 10));
  EXPECT_FALSE(
      parse_response_head(start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 10));
  EXPECT_FALSE(parse_response_head(start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 10));
}

}  // namespace
}  // namespace daybook::net
