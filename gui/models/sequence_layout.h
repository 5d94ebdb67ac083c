// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "dissector/connection/finding.h"
#include "gui/models/time_scale.h"

namespace vsdump::gui {

/// One vertical line of the sequence diagram.
struct Lane {
  enum class Kind {
    End,     ///< an address
    Cid,     ///< all ports of a CID
    Others,  ///< the CIDs that have found no line of their own
  };
  Address address;
  Kind kind = Kind::End;

  friend bool operator==(const Lane&, const Lane&) = default;
};

enum class LanesBy {
  Ends,  ///< a lane an address, clients before the servers that they reach; CIDs where these are
         ///< many
  Cids,  ///< a lane a CID, in order
};

/// Finds lanes for connections that are told one after the other.
class LaneFinder {
 public:
  void add(const ConnectionSummary& connection);
  /// Those of a trace that were not told yet.
  void addNewOf(const Trace& trace);

  std::vector<Lane> lanes(LanesBy by) const;

 private:
  void addEnd(const Address& address);

  std::vector<Lane> ends_;  ///< as long as they are few
  std::set<Cid> cids_;
  std::size_t told_ = 0;
};

/// The lanes for these connections, by number.
std::vector<Lane> lanesOf(const Trace& trace, const std::vector<std::uint32_t>& connections,
                          LanesBy by = LanesBy::Ends);
/// For all connections.
std::vector<Lane> lanesOf(const Trace& trace, LanesBy by = LanesBy::Ends);

/// A row of the diagram that brought findings, and the worst of them.
struct FindingMark {
  std::uint32_t row;
  Severity severity;
};

/// The marks for the findings of a trace, of those with packets among `rows`, in order.
std::vector<FindingMark> findingMarksOf(const Trace& trace, const Rows& rows);

/// Where things stand in the sequence diagram: pure geometry, in pixels.
///
/// Time runs downwards; lanes stand side by side. Rows have equal heights, or stand to the scale of
/// time. Where rows are closer than a pixel, several packets share one.
class SequenceLayout {
 public:
  /// An arrow between two lanes. A packet of no connection has none: `from` is `to` and kNoLane.
  struct Arrow {
    static constexpr std::size_t kNoLane = SIZE_MAX;
    std::size_t row;  ///< in the list of rows
    Row packet;
    std::size_t from;
    std::size_t to;
    double y;
    bool hasLabel;       ///< there is room for one
    std::size_t others;  ///< rows behind it that have none for that
  };

  /// **Lifetime** borrows the trace.
  SequenceLayout(const Trace& trace, Rows rows, std::vector<Lane> lanes);

  /// Whose waits are shown: all that have lanes, or of these connections, sorted.
  void showWaitsOf(std::vector<std::uint32_t> connections) {
    connections_ = std::move(connections);
  }
  void setMarks(std::vector<FindingMark> marks) { marks_ = std::move(marks); }
  /// Puts the rows to the scale of time.
  void setTimes(std::shared_ptr<const QuietTimes> times, bool cutsQuiet) {
    scale_.emplace(list_, std::move(times), cutsQuiet);
  }

  void setWidth(double width) { width_ = width; }
  /// Pixels a packet where heights are equal; below 1, several packets share a line of pixels.
  void setRowHeight(double height) { rowHeight_ = height; }

  /// Shows more or less of it, within what makes sense: returns by how much.
  double zoom(double factor);
  /// Shows as much as another one of the same trace did, where both are to scale or both not.
  void takeZoomOf(const SequenceLayout& before);
  /// To scale, has the rows from `first` to `last` take a height.
  void fit(std::size_t first, std::size_t last, double height);

  bool isToScale() const { return scale_.has_value(); }
  double rowHeight() const { return rowHeight_; }
  /// The whole height.
  double height() const;
  const Rows& rows() const { return list_.rows; }
  std::size_t rowCount() const { return scale_ ? scale_->rowCount() : list_.size(); }
  Row packetAt(std::size_t row) const { return list_.packetAt(row); }

  const std::vector<Lane>& lanes() const { return lanes_; }
  double laneX(std::size_t lane) const;

  /// The arrows between two heights, at most one a pixel: of packets that share one, the first.
  std::vector<Arrow> arrows(double top, double bottom) const;

  /// The middle of a row.
  double heightOf(std::size_t row) const;

  /// The row at a height, or to scale the nearest; rowCount() below the last one.
  std::size_t rowAt(double y) const;

  /// The row that shows a packet; rowCount() when there is none.
  std::size_t rowOf(Row packet) const;

  /// The heights between which a sender had no credit, and the lanes of its connection, if any of
  /// it is between `top` and `bottom`.
  struct Wait {
    double top;
    double bottom;
    std::int64_t durationNs;
    std::size_t from;  ///< the lane of the client
    std::size_t to;    ///< and of the server; the same over loopback with a lane a CID
  };
  std::vector<Wait> waits(double top, double bottom) const;

  /// The marks of findings between two heights, of those that are closer than `apart` the worst.
  struct Mark {
    double y;
    Severity severity;
  };
  std::vector<Mark> marks(double top, double bottom, double apart) const;

  /// A pause between two rows that is worth a word. `isBreak` has it at less than its scale.
  struct Quiet {
    double top;
    double bottom;
    std::uint64_t durationNs;
    bool isBreak;
  };
  std::vector<Quiet> quiets(double top, double bottom) const;

  /// Times for the gutter, where not each row has its own.
  std::vector<TimeScale::Tick> ticks(double top, double bottom) const;

  static constexpr double kTimeWidth = 112;   ///< of the gutter with times, at the left
  static constexpr double kMargin = 96;       ///< from the outer lanes to the edges
  static constexpr double kLabelHeight = 14;  ///< that a row needs for its label
  static constexpr double kLabelApart = 18;   ///< to scale, between labels

 private:
  Arrow arrowOf(std::size_t row, double y) const;
  std::vector<Arrow> arrowsToScale(double top, double bottom) const;
  std::size_t laneOf(const ConnectionSummary& connection, bool isServer) const;
  double heightAt(std::int64_t timeNs) const;
  /// The first row at a height or below.
  std::size_t firstFrom(double y) const;

  const Trace* trace_;
  RowList list_;
  std::vector<Lane> lanes_;
  std::vector<std::uint32_t> connections_;
  std::vector<FindingMark> marks_;
  double width_ = 600;
  double rowHeight_ = 22;
  std::optional<TimeScale> scale_;
};

}  // namespace vsdump::gui
