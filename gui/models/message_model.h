// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <compare>
#include <optional>
#include <vector>

#include "gui/models/message_collector.h"
#include "gui/models/selection.h"
#include "gui/models/stream_text.h"

namespace vsdump::gui {

/// The messages of a trace's payload protocols, or some of them, in the order of a column.
class MessageModel : public QAbstractTableModel {
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

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
  void sort(int column, Qt::SortOrder order) override;

  void append(std::vector<MessageRow>&& messages);
  void reset();

  /// Shows the messages of these connections, of all of them for none, that begin within a time.
  void select(std::optional<std::vector<std::uint32_t>> connections,
              std::optional<TimeRange> range);

  const MessageRow& at(int row) const { return messages_[order_[static_cast<std::size_t>(row)]]; }
  /// What a packet completes: "GET target=/", "ok status=200, 49.4 ms"; of several messages the
  /// first. Empty for nothing.
  QString textOf(FrameNumber packet) const;
  /// How many of the shown messages have an outcome.
  std::size_t count(payload::Outcome outcome) const;

  /// The messages of a connection as a text, from its beginning up to a bound.
  StreamContents streamOf(ConnectionId connection, StreamBounds bounds = {}) const;

  /// The latencies of the shown messages, as points of a plot: seconds since the first packet, and
  /// seconds; of those that nearly cover each other only one.
  struct Dots {
    std::vector<double> seconds;
    std::vector<double> latencySeconds;
  };
  Dots dots() const;

 private:
  QString text(const MessageRow& message, int column) const;
  static QString filterOf(const MessageRow& message, int column);
  bool isShown(const MessageRow& message) const;
  void arrange();
  void noteCompletions(std::uint32_t from);

  const Trace& trace_;
  std::vector<MessageRow> messages_;
  /// Which packets complete which messages, or replies to them, sorted.
  struct Completion {
    FrameNumber packet;
    std::uint32_t message;
    bool isReply;

    friend auto operator<=>(const Completion&, const Completion&) = default;
  };
  std::vector<Completion> completions_;
  std::optional<std::vector<std::uint32_t>> connections_;  ///< sorted
  std::optional<TimeRange> range_;
  std::vector<std::uint32_t> order_;  ///< messages by row
  int sortColumn_ = Time;
  Qt::SortOrder sortOrder_ = Qt::AscendingOrder;
};

}  // namespace vsdump::gui
