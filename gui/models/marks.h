// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// The packets that the user has marked, to find them again or to save them alone.
class Marks {
 public:
  bool contains(Row packet) const { return packet < isMarked_.size() && isMarked_[packet]; }
  std::size_t count() const { return count_; }
  /// In order; never null.
  Rows rows() const;

  /// Unmarks these packets where all of them are marked, else marks all.
  void toggle(const std::vector<Row>& packets);
  void clear();

  /// The nearest mark behind a packet, or before it; around the end where there is none. Nothing
  /// without marks.
  std::optional<Row> next(Row packet) const;
  std::optional<Row> previous(Row packet) const;

 private:
  std::vector<bool> isMarked_;  ///< by Row, as far as there are marks
  std::size_t count_ = 0;
};

}  // namespace vsdump::gui
