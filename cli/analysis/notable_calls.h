// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cli/text/line_buffer.h"
#include "dissector/payload/message.h"

namespace vsdump {

/// The requests of a capture that are worth a look: those that took longest, and the first that
/// failed and that nobody answered.
class NotableCalls {
 public:
  static constexpr std::size_t kMost = 5;  ///< of each kind

  void add(const payload::Message& message);

  /// A heading and a line for each, with the packet of the request; nothing where there is none.
  void put(LineBuffer& out, bool numericNames) const;

 private:
  struct Kind {
    std::vector<payload::Message> messages{};
    std::uint64_t count = 0;

    void add(const payload::Message& message);
  };

  static void putLines(LineBuffer& out, std::string_view heading, const Kind& kind,
                       bool numericNames);

  Kind slowest_;  ///< the longest first
  Kind failed_;
  Kind unanswered_;
};

}  // namespace vsdump
