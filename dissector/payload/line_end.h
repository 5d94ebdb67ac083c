// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dissector/payload/decoder.h"

namespace vsdump::payload {

/// Finds the end of the line that the bytes at hand begin with, and looks at none of them twice
/// while a decoder waits for the rest of it.
class LineEnd {
 public:
  /// Where the line feed is; nothing where there is none at hand.
  std::optional<std::size_t> find(std::string_view text) {
    const std::size_t end = text.find('\n', scanned_);
    scanned_ = end == std::string_view::npos ? text.size() : 0;
    return end == std::string_view::npos ? std::nullopt : std::optional(end);
  }

  /// What to do without one: wait for more, or look for the next line where none can come.
  static Taken without(const Context& context) {
    const bool canWait = context.cut == Cut::No || context.cut == Cut::End;
    return canWait ? Taken::nothing() : Taken::resync();
  }

  /// What comes next has nothing to do with what was at hand.
  void forget() { scanned_ = 0; }

 private:
  std::size_t scanned_ = 0;  ///< of the line at hand, which has no end in there
};

}  // namespace vsdump::payload
