// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QTableView>
#include <initializer_list>

namespace vsdump::gui {

/// A table of whole rows with equal heights, as fast as tables get. `key` is its name in settings.
QTableView* makeTable(QAbstractItemModel* model, const QString& name, const QString& key);

/// Columns as wide as these texts, until the user changes them.
void setWidths(QTableView* table, std::initializer_list<const char*> samples);

}  // namespace vsdump::gui
