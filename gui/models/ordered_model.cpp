// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/ordered_model.h"

#include <algorithm>
#include <optional>
#include <stop_token>
#include <utility>

namespace vsdump::gui {

namespace {

using Record = OrderedModel::Record;

/// Records between two looks at whether the work is still wanted.
constexpr std::size_t kBetweenLooks = 16'384;

/// As std::stable_sort; returns false when it was stopped.
template <typename Less>
bool sortStably(std::vector<Record>& records, const Less& less, const std::stop_token& stop) {
  const auto at = [&](std::size_t i) {
    return records.begin() + static_cast<std::ptrdiff_t>(std::min(i, records.size()));
  };
  for (std::size_t i = 0; i < records.size(); i += kBetweenLooks) {
    if (stop.stop_requested()) return false;
    std::stable_sort(at(i), at(i + kBetweenLooks), less);
  }
  for (std::size_t width = kBetweenLooks; width < records.size(); width *= 2) {
    for (std::size_t i = 0; i < records.size(); i += 2 * width) {
      if (stop.stop_requested()) return false;
      std::inplace_merge(at(i), at(i + width), at(i + 2 * width), less);
    }
  }
  return true;
}

/// Counts a record of a kind.
template <typename Kind>
void count(std::vector<std::size_t>& kinds, const Kind& kindOf, Record record) {
  if (!kindOf) return;
  const std::size_t kind = kindOf(record);
  if (kind >= kinds.size()) kinds.resize(kind + 1);
  ++kinds[kind];
}

}  // namespace

/// Rows to be found, by whichever thread.
class OrderedModel::Arrangement {
 public:
  Less less;
  Qt::SortOrder sortOrder;
  std::vector<Record> rows;    ///< to be put in order, unless they are to be chosen
  std::size_t chosenFrom = 0;  ///< as many records, of which
  Predicate shown;             ///< these
  Kind kindOf;

  struct Made {
    std::vector<Record> order;
    Counts kinds;
  };

  /// None when it was stopped.
  std::optional<Made> make(const std::stop_token& stop) {
    Made made{.order = std::move(rows), .kinds = {}};
    for (std::size_t i = 0; i < chosenFrom; ++i) {
      if (i % kBetweenLooks == 0 && stop.stop_requested()) return std::nullopt;
      const auto record = static_cast<Record>(i);
      if (shown && !shown(record)) continue;
      made.order.push_back(record);
      count(made.kinds, kindOf, record);
    }
    const bool isUp = sortOrder == Qt::AscendingOrder;
    const auto inOrder = [&](Record a, Record b) { return isUp ? less(a, b) : less(b, a); };
    if (!sortStably(made.order, inOrder, stop)) return std::nullopt;
    return made;
  }
};

OrderedModel::OrderedModel(int firstColumn, QObject* parent)
    : QAbstractTableModel(parent), column_(firstColumn) {}

int OrderedModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(order_.size());
}

int OrderedModel::rowOfRecord(Record record) const {
  const auto found = std::ranges::find(order_, record);
  return found == order_.end() ? -1 : static_cast<int>(found - order_.begin());
}

void OrderedModel::sort(int column, Qt::SortOrder order) {
  column_ = std::max(column, 0);
  sortOrder_ = order;
  begin(isChoosing_);
}

void OrderedModel::arrange() {
  // What is under way is not begun again and again while rows come.
  if (isArranging()) {
    isStale_ = true;
  } else {
    begin(false);
  }
}

void OrderedModel::choose() {
  begin(true);
}

void OrderedModel::clear() {
  job_.reset();
  isChoosing_ = false;
  beginResetModel();
  order_.clear();
  kinds_.clear();
  known_ = 0;
  endResetModel();
}

void OrderedModel::grow() {
  // They are chosen from behind the others, and find their places then.
  if (isChoosing_) {
    isStale_ = true;
    return;
  }
  if (recordCount() - known_ > kMoreAtOnce) return choose();
  const Predicate isShown = shown();
  const Kind kind = kindOf();
  std::vector<Record> added;
  for (; known_ < recordCount(); ++known_) {
    const auto record = static_cast<Record>(known_);
    if (isShown && !isShown(record)) continue;
    added.push_back(record);
    count(kinds_, kind, record);
  }
  if (added.empty()) return;
  const int first = rowCount();
  beginInsertRows({}, first, first + static_cast<int>(added.size()) - 1);
  order_.insert(order_.end(), added.begin(), added.end());
  endInsertRows();
}

OrderedModel::Arrangement OrderedModel::arrangement(bool isChoice) const {
  Arrangement work{
      .less = lessBy(column_), .sortOrder = sortOrder_, .rows = {}, .shown = {}, .kindOf = {}};
  if (isChoice) {
    work.chosenFrom = recordCount();
    work.shown = shown();
    work.kindOf = kindOf();
  } else {
    work.rows = order_;
  }
  return work;
}

void OrderedModel::begin(bool isChoice) {
  job_.reset();
  isChoosing_ = isChoice;
  isStale_ = false;
  const std::size_t known = isChoice ? recordCount() : known_;
  const auto publish = [this, isChoice, known](Arrangement::Made&& made) {
    job_.reset();
    isChoosing_ = false;
    if (isChoice) {
      publishChoice(std::move(made.order), std::move(made.kinds), known);
    } else {
      publishOrder(std::move(made.order));
    }
    if (isStale_) begin(false);
  };
  Arrangement work = arrangement(isChoice);
  if (std::max(work.rows.size(), work.chosenFrom) <= kAtOnce) return publish(*work.make({}));
  job_ = std::make_unique<Job>(
      [work = std::move(work), publish](const std::stop_token& stop) mutable -> Job::Delivery {
        auto made = work.make(stop);
        if (!made) return {};
        return [made = std::move(*made), publish]() mutable { publish(std::move(made)); };
      });
}

void OrderedModel::publishChoice(std::vector<Record>&& order, Counts&& kinds, std::size_t known) {
  beginResetModel();
  order_ = std::move(order);
  kinds_ = std::move(kinds);
  known_ = known;
  endResetModel();
  grow();
}

void OrderedModel::publishOrder(std::vector<Record>&& order) {
  // What came meanwhile stays behind.
  order.insert(order.end(), order_.begin() + static_cast<std::ptrdiff_t>(order.size()),
               order_.end());
  emit layoutAboutToBeChanged();
  const QModelIndexList before = persistentIndexList();
  const std::vector<Record> old = std::exchange(order_, std::move(order));
  if (!before.isEmpty()) {
    std::vector<int> rows(known_);
    for (std::size_t row = 0; row < order_.size(); ++row) {
      rows[order_[row]] = static_cast<int>(row);
    }
    QModelIndexList after;
    for (const QModelIndex& index : before) {
      const Record record = old[static_cast<std::size_t>(index.row())];
      after += this->index(rows[record], index.column());
    }
    changePersistentIndexList(before, after);
  }
  emit layoutChanged();
}

}  // namespace vsdump::gui
