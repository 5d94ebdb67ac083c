// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "gui/models/selection.h"
#include "gui/models/sequence_layout.h"
#include "gui/models/stream_text.h"
#include "gui/models/timeline.h"

namespace vsdump::gui {

/// What is to be shown.
struct ViewRequest {
  std::optional<Selected> selected{};        ///< what the filter has left; none: all
  std::vector<std::uint32_t> connections{};  ///< only these, sorted; none: all
  LanesBy lanesBy = LanesBy::Ends;
  bool times = false;     ///< whether rows are to stand to the scale of time
  bool timeline = false;  ///< whether curves are wanted
  /// What the curves are of, where that is more than what is selected: all times, for a brush.
  std::optional<Rows> timelineWithin{};
  /// Whether the payload of a single connection is wanted, and how; filters do not cut it.
  std::optional<StreamForm> stream{};
};

/// What the views of the packets show, made in one go from all packets.
struct ViewContents {
  Rows rows;
  std::vector<Lane> lanes;
  std::vector<FindingMark> marks;
  std::shared_ptr<QuietTimes> times;       ///< of the rows; null where these are not wanted
  std::vector<std::uint32_t> connections;  ///< those that are shown, sorted; none: all
  Timeline timeline;
  StreamContents stream;
};

/// None when it was stopped.
std::optional<ViewContents> contentsOf(const Trace& trace, const ViewRequest& request,
                                       const std::stop_token& stop);

}  // namespace vsdump::gui
