// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/marks.h"

#include <algorithm>

namespace vsdump::gui {

Rows Marks::rows() const {
  std::vector<Row> rows;
  rows.reserve(count_);
  for (Row packet = 0; packet < isMarked_.size(); ++packet) {
    if (isMarked_[packet]) rows.push_back(packet);
  }
  return std::make_shared<const std::vector<Row>>(std::move(rows));
}

void Marks::toggle(const std::vector<Row>& packets) {
  if (packets.empty()) return;
  const bool areMarked =
      std::ranges::all_of(packets, [this](Row packet) { return contains(packet); });
  isMarked_.resize(
      std::max<std::size_t>(isMarked_.size(), std::ranges::max(packets) + std::size_t{1}));
  for (const Row packet : packets) {
    if (isMarked_[packet] == !areMarked) continue;
    isMarked_[packet] = !areMarked;
    areMarked ? --count_ : ++count_;
  }
}

void Marks::clear() {
  isMarked_.clear();
  count_ = 0;
}

std::optional<Row> Marks::next(Row packet) const {
  const auto size = static_cast<Row>(isMarked_.size());
  for (Row at = packet + 1; at < size; ++at) {
    if (isMarked_[at]) return at;
  }
  for (Row at = 0; at < size; ++at) {
    if (isMarked_[at]) return at;
  }
  return std::nullopt;
}

std::optional<Row> Marks::previous(Row packet) const {
  const auto size = static_cast<Row>(isMarked_.size());
  for (Row at = std::min(packet, size); at-- > 0;) {
    if (isMarked_[at]) return at;
  }
  for (Row at = size; at-- > 0;) {
    if (isMarked_[at]) return at;
  }
  return std::nullopt;
}

}  // namespace vsdump::gui
