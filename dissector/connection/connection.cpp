// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/connection/connection.h"

#include <array>
#include <cstddef>

namespace vsdump {

std::string_view stateWord(ConnectionState state) {
  constexpr std::array<std::string_view, 10> kWords{"requested",
                                                    "open",
                                                    "half_closed_by_client",
                                                    "half_closed_by_server",
                                                    "closing",
                                                    "closed",
                                                    "refused",
                                                    "reset",
                                                    "unanswered",
                                                    "lost"};
  static_assert(kWords.size() == static_cast<std::size_t>(ConnectionState::Lost) + 1);
  return kWords[static_cast<std::size_t>(state)];
}

}  // namespace vsdump
