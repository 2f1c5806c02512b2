// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace daybook::terminal {

// Tells the characters inside of a JSON text's strings from its structure, one after the other.
class JsonStrings {
 public:
  // Whether `c` is within a string or ends one. The quote that begins one is structure.
  bool inside(char c) {
    if (!quoted_) {
      quoted_ = c == '"';
      return false;
    }
    if (escaped_) {
      escaped_ = false;
    } else if (c == '\\') {
      escaped_ = true;
    } else if (c == '"') {
      quoted_ = false;
    }
    return true;
  }

 private:
  bool quoted_ = false;
  bool escaped_ = false;
};

}  // namespace daybook::terminal
