// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QVariant>
#include <span>

namespace vsdump::gui {

/// A column of a table of the window.
struct ColumnInfo {
  const char* title;
  const char* toolTip;  ///< nullptr for none
  bool isNumber;        ///< stands at the right
};

QVariant alignmentOf(const ColumnInfo& column);

/// What a model answers to headerData(); nothing for rows and for columns that are not there.
QVariant headerOf(std::span<const ColumnInfo> columns, int section, Qt::Orientation orientation,
                  int role);

}  // namespace vsdump::gui
