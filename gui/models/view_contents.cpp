// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/view_contents.h"

#include <utility>

namespace vsdump::gui {

std::optional<ViewContents> contentsOf(const Trace& trace, const ViewRequest& request,
                                       const std::stop_token& stop) {
  ViewContents contents;
  contents.rows = request.selected ? request.selected->rows : nullptr;
  if (request.connections.empty()) {
    contents.lanes = request.selected
                         ? lanesOf(trace, request.selected->connections, request.lanesBy)
                         : lanesOf(trace, request.lanesBy);
    if (request.selected) contents.connections = request.selected->connections;
  } else {
    const auto rows = rowsOf(trace, request.connections, contents.rows, stop);
    if (!rows) return std::nullopt;
    contents.rows = *rows;
    contents.lanes = lanesOf(trace, request.connections, request.lanesBy);
    contents.connections = request.connections;
  }
  contents.marks = findingMarksOf(trace, contents.rows);
  if (request.times) {
    contents.times = std::make_shared<QuietTimes>();
    if (!contents.times->addNewOf({&trace, contents.rows}, stop)) return std::nullopt;
  }
  if (request.stream && request.connections.size() == 1) {
    const auto rows = rowsOf(trace, request.connections, nullptr, stop);
    if (!rows) return std::nullopt;
    contents.stream = streamOf(trace, *rows, *request.stream);
  }
  if (stop.stop_requested()) return std::nullopt;
  if (request.timeline) {
    Rows rows = request.timelineWithin.value_or(contents.rows);
    if (request.timelineWithin && !request.connections.empty()) {
      rows = rowsOf(trace, request.connections, rows, stop).value_or(rows);
    }
    contents.timeline = timelineOf(trace, rows, stop);
  }
  if (stop.stop_requested()) return std::nullopt;
  return contents;
}

}  // namespace vsdump::gui
