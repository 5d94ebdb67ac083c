// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "gui/models/job.h"

namespace vsdump::gui {

/// A table of some of many records, a row each, in the order of a column. What takes longer than a
/// window may, a worker does: until it is done, the rows stay as they are.
class OrderedModel : public QAbstractTableModel {
 public:
  /// The number of a record.
  using Record = std::uint32_t;

  /// As many records are chosen and put in order at once.
  static constexpr std::size_t kAtOnce = 4096;
  /// As many come at once behind those that are there.
  static constexpr std::size_t kMoreAtOnce = 65'536;

  OrderedModel(int firstColumn, QObject* parent);

  int rowCount(const QModelIndex& parent = {}) const override;
  void sort(int column, Qt::SortOrder order) override;

  Record recordAt(int row) const { return order_[static_cast<std::size_t>(row)]; }
  const std::vector<Record>& order() const { return order_; }
  /// The row that shows a record, or -1.
  int rowOfRecord(Record record) const;

  /// Whether rows are about to change.
  bool isArranging() const { return job_ != nullptr; }

 protected:
  /// What follows is asked of a model and called by a worker: it keeps what it looks at.
  using Predicate = std::function<bool(Record)>;
  using Less = std::function<bool(Record, Record)>;
  using Kind = std::function<std::size_t(Record)>;

  virtual std::size_t recordCount() const = 0;
  /// Which records have rows; empty for all.
  virtual Predicate shown() const = 0;
  virtual Less lessBy(int column) const = 0;
  /// What rows are counted by; empty for nothing.
  virtual Kind kindOf() const { return {}; }

  /// How many rows are of a kind.
  std::size_t countOf(std::size_t kind) const { return kind < kinds_.size() ? kinds_[kind] : 0; }

  /// There are more records than before: those that are shown come last.
  void grow();
  /// Puts the rows in order again.
  void arrange();
  /// Other records are shown than before.
  void choose();
  /// The records are others than before: no row is left.
  void clear();

 private:
  class Arrangement;
  using Counts = std::vector<std::size_t>;

  Arrangement arrangement(bool isChoice) const;
  void begin(bool isChoice);
  void publishChoice(std::vector<Record>&& order, Counts&& kinds, std::size_t known);
  void publishOrder(std::vector<Record>&& order);

  std::vector<Record> order_;  ///< by row
  Counts kinds_;               ///< rows, by their kind
  std::size_t known_ = 0;      ///< records that have been chosen from
  int column_;
  Qt::SortOrder sortOrder_ = Qt::AscendingOrder;
  std::unique_ptr<Job> job_;
  bool isChoosing_ = false;  ///< the job is about other records
  bool isStale_ = false;     ///< rows came while the job was at work
};

}  // namespace vsdump::gui
