// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace vsdump {

/// Finds the word that somebody may have meant among those that are offered: the one that takes the
/// fewest changes of letters, and not too many.
///
/// **Lifetime** borrows the words.
class NearWord {
 public:
  explicit NearWord(std::string_view written);

  void offer(std::string_view word);

  /// None when no word is near.
  std::optional<std::string_view> closest() const { return closest_; }

 private:
  std::string_view written_;
  std::size_t best_;
  std::optional<std::string_view> closest_;
};

}  // namespace vsdump
