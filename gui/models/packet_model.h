// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QCache>
#include <memory>
#include <vector>

#include "gui/models/marks.h"
#include "gui/models/trace.h"

namespace vsdump::gui {

/// The packets of a trace, or some of them: a row each. Cells are made when they are looked at.
class PacketModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column {
    Number,
    Time,
    Source,
    Destination,
    Op,
    Length,
    ConnectionColumn,
    Info,
    ColumnCount
  };
  /// Which way the packet goes, as an int of Direction; nothing where that is unknown.
  static constexpr int kDirectionRole = Qt::UserRole;
  /// The Severity of the worst finding that the packet brought, as an int; nothing without one.
  static constexpr int kSeverityRole = Qt::UserRole + 1;

  /// A filter that selects the packets with the cell's value, as text; nothing without one.
  static constexpr int kFilterRole = Qt::UserRole + 2;

  /// Whether the packet is marked.
  static constexpr int kMarkedRole = Qt::UserRole + 3;

  /// **Lifetime** borrows the trace and the marks.
  PacketModel(const Trace& trace, const Marks& marks, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// The trace has grown; without a selection the new packets appear.
  void grow();

  /// Another trace is behind the reference: all packets of it are shown.
  void reset();

  /// Other packets are marked now.
  void marksChanged();

  /// Shows these packets.
  void select(Rows rows);

  Row packetAt(int row) const {
    return rows_ ? (*rows_)[static_cast<std::size_t>(row)] : static_cast<Row>(row);
  }
  /// The row that shows a packet, or -1.
  int rowOf(Row packet) const;
  /// The packets that are shown; null stands for all.
  const Rows& rows() const { return rows_; }

 private:
  bool continues(const std::vector<Row>& rows) const;
  void extend(Rows rows);
  /// The cells of a packet that need its bytes.
  struct Cells {
    QString source;
    QString destination;
    QString op;
    QString info;
  };

  QString text(Row packet, int column) const;
  QString filterOf(Row packet, int column) const;
  const Cells& cells(Row packet) const;

  const Trace& trace_;
  const Marks& marks_;
  Rows rows_;
  int shown_ = 0;
  mutable QCache<Row, Cells> cache_;
};

}  // namespace vsdump::gui
