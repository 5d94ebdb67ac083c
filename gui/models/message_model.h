// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <stop_token>
#include <vector>

#include "gui/models/message_collector.h"
#include "gui/models/ordered_model.h"
#include "gui/models/selection.h"
#include "gui/models/stream_text.h"

namespace vsdump::gui {

/// What a table shows of messages, for a worker.
struct ShownMessages {
  SharedVector<MessageRow> rows;
  std::vector<OrderedModel::Record> order;
};

/// The latencies of messages, as points of a plot: seconds since the first packet, and seconds; of
/// those that nearly cover each other only one.
struct LatencyDots {
  std::vector<double> seconds;
  std::vector<double> latencySeconds;
};

/// Of messages that are shown, as far as it gets before it is stopped.
LatencyDots dotsOf(const Trace& trace, const ShownMessages& messages, const std::stop_token& stop);

/// The messages of a connection as a text, from its beginning up to a bound.
StreamContents streamOf(const Trace& trace, const SharedVector<MessageRow>& messages,
                        ConnectionId connection, StreamBounds bounds = {});

/// The messages of a trace's payload protocols, or some of them, in the order of a column.
class MessageModel : public OrderedModel {
  Q_OBJECT

 public:
  enum Column { Time, ConnectionColumn, Protocol, Request, Reply, Latency, ColumnCount };
  /// Which way the message goes, as an int of Direction.
  static constexpr int kDirectionRole = Qt::UserRole;
  /// The Severity of an answer that is none, as an int; nothing for the others.
  static constexpr int kSeverityRole = Qt::UserRole + 1;
  /// A filter that selects the connections with the cell's value, as text; nothing without one.
  static constexpr int kFilterRole = Qt::UserRole + 2;

  /// **Lifetime** borrows the trace.
  explicit MessageModel(const Trace& trace, QObject* parent = nullptr);

  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// Takes those that there are now: those of before, and more.
  void show(const Messages& messages);
  void reset();

  /// Shows the messages of these connections, of all of them for none, that begin within a time.
  void select(std::optional<std::vector<std::uint32_t>> connections,
              std::optional<TimeRange> range);

  const MessageRow& at(int row) const { return messages_.rows[recordAt(row)]; }
  /// What a packet completes: "GET target=/", "ok status=200, 49.4 ms"; of several messages the
  /// first. Empty for nothing.
  QString textOf(FrameNumber packet) const;
  /// How many of the shown messages have an outcome.
  std::size_t count(payload::Outcome outcome) const {
    return countOf(static_cast<std::size_t>(outcome));
  }
  ShownMessages shownMessages() const { return {.rows = messages_.rows, .order = order()}; }

 private:
  std::size_t recordCount() const override { return messages_.rows.size(); }
  Predicate shown() const override;
  Less lessBy(int column) const override;
  Kind kindOf() const override;

  QString text(const MessageRow& message, int column) const;
  static QString filterOf(const MessageRow& message, int column);

  const Trace& trace_;
  Messages messages_;
  std::optional<std::vector<std::uint32_t>> connections_;  ///< sorted
  std::optional<TimeRange> range_;
};

}  // namespace vsdump::gui
