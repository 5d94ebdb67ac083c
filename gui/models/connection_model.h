// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "gui/models/ordered_model.h"
#include "gui/models/sparklines.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// The connections of a trace, a row each, in the order of a column.
class ConnectionModel : public OrderedModel {
  Q_OBJECT

 public:
  enum Column {
    Id,
    State,
    Client,
    Server,
    Service,
    Start,
    Duration,
    Activity,
    ToServer,
    ToClient,
    Handshake,
    Stalls,
    Finding,
    ColumnCount
  };
  /// The ConnectionState, as an int.
  static constexpr int kStateRole = Qt::UserRole;
  /// The Severity of the worst finding, as an int; nothing where there is none.
  static constexpr int kSeverityRole = Qt::UserRole + 1;

  /// A filter that selects the connections with the cell's value, as text; nothing without one.
  static constexpr int kFilterRole = Qt::UserRole + 2;

  /// The payload over the time of the capture: a byte each for the height of a bar, as QByteArray;
  /// nothing where that is not known.
  static constexpr int kSparklineRole = Qt::UserRole + 3;

  /// **Lifetime** borrows the trace.
  explicit ConnectionModel(const Trace& trace, QObject* parent = nullptr);

  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// The trace has grown or connections have changed.
  void refresh();

  /// Another trace is behind the reference.
  void reset();

  /// Shows these connections only, or all again.
  void select(std::optional<std::vector<std::uint32_t>> connections);

  /// Takes what was made for connections that are looked at.
  void addSparklines(Sparklines&& lines);
  void forgetSparklines() { sparklines_.clear(); }
  bool hasSparkline(ConnectionId id) const { return sparklines_.contains(raw(id)); }

  const ConnectionSummary& at(int row) const { return trace_.connections()[recordAt(row)]; }
  /// The row that shows a connection, or -1.
  int rowOf(ConnectionId id) const { return rowOfRecord(raw(id)); }

  /// Puts the rows in order that have come since they were.
  using OrderedModel::arrange;

 private:
  std::size_t recordCount() const override { return trace_.connections().size(); }
  Predicate shown() const override;
  Less lessBy(int column) const override;
  QString text(const ConnectionSummary& connection, int column) const;
  static QString filterOf(const ConnectionSummary& connection, int column);
  QVariant sparkline(ConnectionId id) const;
  QString toolTip(const ConnectionSummary& connection, int column) const;

  const Trace& trace_;
  std::shared_ptr<const std::vector<std::uint32_t>> selected_;  ///< sorted; none: all
  Sparklines sparklines_;
};

}  // namespace vsdump::gui
