// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/finding_model.h"

#include <array>

#include "dissector/connection/finding_text.h"
#include "gui/models/columns.h"
#include "gui/models/text.h"

namespace vsdump::gui {

namespace {

constexpr std::array<ColumnInfo, FindingModel::ColumnCount> kFindingColumns{{
    {"Finding", nullptr, false},
    {"#", nullptr, true},
}};

}  // namespace

/// Errors first, then as the catalogue has them, then by connection.
FindingModel::Rank FindingModel::rankOf(const Finding& finding) {
  return {-static_cast<int>(describe(finding.code).severity), finding.code,
          raw(finding.connection)};
}

FindingModel::FindingModel(const Trace& trace, QObject* parent)
    : QAbstractTableModel(parent), trace_(trace) {}

int FindingModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(groups_.size());
}

int FindingModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : ColumnCount;
}

QVariant FindingModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Group& group = at(index.row());
  const FindingRow row = describe(group.first.code);
  switch (role) {
    case Qt::DisplayRole:
      if (index.column() == Code) {
        return group.count == 1 ? toQt(row.code)
                                : QStringLiteral("%1 x%2").arg(toQt(row.code)).arg(group.count);
      }
      return group.first.connection == kNoConnection
                 ? QString()
                 : QStringLiteral("#%1").arg(raw(group.first.connection));
    case Qt::ToolTipRole:
      return QString::fromStdString(messageOf(group.first));
    case Qt::TextAlignmentRole:
      return alignmentOf(kFindingColumns[static_cast<std::size_t>(index.column())]);
    case kSeverityRole:
      return static_cast<int>(row.severity);
    case kFilterRole:
      if (index.column() == Code) return QStringLiteral("finding %1").arg(toQt(row.code));
      if (group.first.connection == kNoConnection) return {};
      return QStringLiteral("connection %1").arg(raw(group.first.connection));
    default:
      return {};
  }
}

QVariant FindingModel::headerData(int section, Qt::Orientation orientation, int role) const {
  return headerOf(kFindingColumns, section, orientation, role);
}

void FindingModel::refresh() {
  const auto& findings = trace_.findings();
  if (taken_ == findings.size()) return;
  beginResetModel();
  for (; taken_ < findings.size(); ++taken_) {
    const Finding& finding = findings[taken_];
    const auto [group, isNew] = groups_.try_emplace(rankOf(finding), Group{.first = finding});
    if (!isNew) ++group->second.count;
  }
  rows_.clear();
  for (const auto& [rank, group] : groups_) rows_.push_back(&group);
  endResetModel();
}

void FindingModel::reset() {
  beginResetModel();
  groups_.clear();
  rows_.clear();
  taken_ = 0;
  endResetModel();
  refresh();
}

}  // namespace vsdump::gui
