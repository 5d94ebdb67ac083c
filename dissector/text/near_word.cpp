// SPDX-License-Identifier: GPL-2.0-or-later
#include "dissector/text/near_word.h"

#include <algorithm>
#include <vector>

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

}  // namespace

NearWord::NearWord(std::string_view written)
    : written_(written),
      // A third of the letters wrong is still a typing error, more is another word.
      best_(std::max<std::size_t>(1, written.size() / 3) + 1) {}

void NearWord::offer(std::string_view word) {
  // Words that differ this much in length cannot be nearer; it also bounds the work.
  if (written_.size() > word.size() + best_ || word.size() > written_.size() + best_) return;
  const std::size_t changes = distance(written_, word);
  if (changes >= best_) return;
  best_ = changes;
  closest_ = word;
}

}  // namespace vsdump
