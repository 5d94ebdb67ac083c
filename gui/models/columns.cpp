// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/models/columns.h"

#include <QString>
#include <cstddef>

namespace vsdump::gui {

QVariant alignmentOf(const ColumnInfo& column) {
  return QVariant((column.isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

QVariant headerOf(std::span<const ColumnInfo> columns, int section, Qt::Orientation orientation,
                  int role) {
  const auto index = static_cast<std::size_t>(section);
  if (orientation != Qt::Horizontal || section < 0 || index >= columns.size()) return {};
  const ColumnInfo& column = columns[index];
  if (role == Qt::DisplayRole) return QString::fromLatin1(column.title);
  if (role == Qt::ToolTipRole && column.toolTip != nullptr) {
    return QString::fromLatin1(column.toolTip);
  }
  if (role == Qt::TextAlignmentRole) return alignmentOf(column);
  return {};
}

}  // namespace vsdump::gui
