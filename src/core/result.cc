// SPDX-License-Identifier: Apache-2.0
#include "daybook/core/result.h"

namespace daybook {

const char* to_string(Errc code) {
  switch (code) {
    case Errc::invalid:
      return "invalid";
    case Errc::not_found:
      return "not_found";
    case Errc::exists:
      return "exists";
    case Errc::corrupt:
      return "corrupt";
    case Errc::io:
      return "io";
    case Errc::unavailable:
      return "unavailable";
    case Errc::timeout:
      return "timeout";
    case Errc::denied:
      return "denied";
    case Errc::exhausted:
      return "exhausted";
    case Errc::unsupported:
      return "unsupported";
    case Errc::cancelled:
      return "cancelled";
  }
  return "unknown";
}

}  // namespace daybook
