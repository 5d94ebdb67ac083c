// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/options/suggestion.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "cli/options/command_table.h"
#include "cli/options/option_table.h"

namespace vsdump {

namespace {

/// How many letters have to be put in, left out, changed or swapped with their neighbours to make
/// `b` of `a` (optimal string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t changed = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({changed, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

/// The nearest of the names that were offered.
class NearestName {
 public:
  // A third of the letters wrong is still a typing error, more is another word.
  explicit NearestName(std::string_view asked)
      : asked_(asked), best_(std::max<std::size_t>(1, asked.size() / 3) + 1) {}

  void offer(std::string_view name) {
    // Names that differ this much in length cannot be nearer; it also bounds the work.
    if (asked_.size() > name.size() + best_ || name.size() > asked_.size() + best_) return;
    const std::size_t changes = distance(asked_, name);
    if (changes >= best_) return;
    best_ = changes;
    nearest_ = name;
  }

  std::optional<std::string_view> nearest() const { return nearest_; }

 private:
  std::string_view asked_;
  std::size_t best_;
  std::optional<std::string_view> nearest_;
};

}  // namespace

std::optional<std::string_view> closestLongOption(std::string_view name) {
  NearestName nearest(name);
  for (const OptionRow& row : optionTable()) {
    if (!row.longName.empty() && row.category != OptionCategory::Hidden) {
      nearest.offer(row.longName);
    }
  }
  return nearest.nearest();
}

std::optional<std::string_view> closestCommand(std::string_view name) {
  NearestName nearest(name);
  for (const CommandRow& row : commandTable()) nearest.offer(row.name);
  return nearest.nearest();
}

}  // namespace vsdump
