// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "gui/models/trace.h"

namespace vsdump::gui {

/// What was found, the worst first: one row a kind of finding and connection.
class FindingModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  enum Column { Code, ConnectionColumn, ColumnCount };
  /// The Severity, as an int.
  static constexpr int kSeverityRole = Qt::UserRole;

  /// A filter that selects the connections with the cell's value, as text; nothing without one.
  static constexpr int kFilterRole = Qt::UserRole + 1;

  /// Findings that are one row.
  struct Group {
    Finding first;
    std::uint64_t count = 1;
  };

  /// **Lifetime** borrows the trace.
  explicit FindingModel(const Trace& trace, QObject* parent = nullptr);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

  /// Takes the findings that the trace has got since.
  void refresh();
  void reset();

  const Group& at(int row) const { return *rows_[static_cast<std::size_t>(row)]; }

 private:
  /// What the rows are sorted by: severity, code, connection.
  using Rank = std::tuple<int, FindingCode, std::uint32_t>;
  static Rank rankOf(const Finding& finding);

  const Trace& trace_;
  std::size_t taken_ = 0;
  std::map<Rank, Group> groups_;
  std::vector<const Group*> rows_;
};

}  // namespace vsdump::gui
