// SPDX-License-Identifier: Apache-2.0
#include "json_reader.h"

#include <cmath>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace daybook::record {
namespace {

// Walks the text and tells how far the parser has read.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    ++at_;
    *furthest_ = at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  const char** furthest_;
};

// nlohmann's SAX interface: builds the value and applies our own rules on the way.
class StrictBuilder {
 public:
  StrictBuilder(std::string_view text, const JsonLimits& limits, const char** furthest)
      : text_(text), limits_(limits), furthest_(furthest) {}

  bool null() { return put(Json(nullptr)); }
  bool boolean(bool value) { return put(Json(value)); }
  bool number_integer(Json::number_integer_t value) {
    if (value >= -kIntegerMax) {
      return put(Json(value));
    }
    return big_integer(static_cast<double>(value));
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    if (value <= static_cast<std::uint64_t>(kIntegerMax)) {
      return put(Json(value));
    }
    return big_integer(static_cast<double>(value));
  }
  bool number_float(Json::number_float_t value, const std::string& written) {
    if (!std::isfinite(value)) {
      return refuse(token_start(), "number out of range");
    }
    if (written.find_first_of(".eE") == std::string::npos) {
      return big_integer(value);
    }
    return put(Json(value));
  }
  bool string(std::string& value) { return put(Json(std::move(value))); }
  bool binary(Json::binary_t&) { return refuse(token_start(), "binary value"); }
  bool start_object(std::size_t) { return open(Json::object()); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool key(std::string& name) {
    const auto [at, fresh] = open_.back()->get_ref<Json::object_t&>().emplace(name, nullptr);
    if (!fresh) {
      return refuse(token_start(), "duplicate member name");
    }
    slot_ = &at->second;
    return advance();
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) {
    const bool overflow = e.id == 406;  // nlohmann's «number overflow».
    const std::size_t at = position == 0 ? 0 : position - 1;
    if (overflow) {
      return refuse(token_start(), "number out of range");
    }
    return refuse(at, at >= text_.size() ? "JSON text ends too early" : "malformed JSON");
  }

  [[nodiscard]] Json take() { return std::move(root_); }
  [[nodiscard]] Error error() const {
    Error error{Errc::invalid, std::string(what_) + " at byte " + std::to_string(offset_)};
    error.offset = offset_;
    return error;
  }

 private:
  bool big_integer(double value) {
    if (!limits_.big_integers) {
      return refuse(token_start(), "integer beyond 2^53-1");
    }
    return put(Json(value));
  }

  Json* place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      return &open_.back()->get_ref<Json::array_t&>().emplace_back(std::move(value));
    }
    *slot_ = std::move(value);
    return slot_;
  }
  bool put(Json value) {
    place(std::move(value));
    return advance();
  }
  bool open(Json value) {
    if (open_.size() >= limits_.depth_max) {
      return refuse(token_start(), "nesting too deep");
    }
    open_.push_back(place(std::move(value)));
    return advance();
  }
  bool close() {
    open_.pop_back();
    return advance();
  }

  bool advance() {
    token_end_ = consumed();
    return true;
  }
  [[nodiscard]] std::size_t consumed() const {
    return static_cast<std::size_t>(*furthest_ - text_.data());
  }
  // First byte of the token the parser is at: what follows the last one, less white space and
  // signs.
  [[nodiscard]] std::size_t token_start() const {
    const std::size_t at = text_.find_first_not_of(" \t\r\n,:", token_end_);
    return at == std::string_view::npos ? text_.size() : at;
  }
  bool refuse(std::size_t offset, const char* what) {
    offset_ = offset;
    what_ = what;
    return false;
  }

  std::string_view text_;
  JsonLimits limits_;
  const char** furthest_;
  std::size_t token_end_ = 0;
  Json root_;
  // Containers being filled. Arrays grow only at their last element, and nothing above the top of
  // this stack grows while it is open, so the pointers stay good.
  std::vector<Json*> open_;
  Json* slot_ = nullptr;
  const char* what_ = "malformed JSON";
  std::size_t offset_ = 0;
};

}  // namespace

Result<Json> read_tokens(std::string_view text, const JsonLimits& limits) {
  const char* furthest = text.data();
  StrictBuilder builder(text, limits, &furthest);
  const CountingIterator begin(text.data(), &furthest);
  const CountingIterator end(text.data() + text.size(), &furthest);
  if (!Json::sax_parse(begin, end, &builder)) {
    return builder.error();
  }
  return builder.take();
}

}  // namespace daybook::record
