// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/data_table.h"

#include <QHeaderView>

#include "gui/views/table_style.h"

namespace vsdump::gui {

namespace {

/// How many rows may tell how wide a column is.
constexpr int kLookedAtRows = 100;

}  // namespace

QTableView* makeTable(QAbstractItemModel* model, const QString& name, const QString& key) {
  auto* table = new QTableView;
  auto* style = new TableStyle;
  style->setParent(table);
  for (QWidget* widget :
       {static_cast<QWidget*>(table), static_cast<QWidget*>(table->horizontalHeader())}) {
    widget->setStyle(style);
  }
  table->setModel(model);
  table->setObjectName(key);
  table->setAccessibleName(name);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table->setWordWrap(false);
  table->setShowGrid(false);
  table->setFrameShape(QFrame::NoFrame);
  table->setCornerButtonEnabled(false);
  table->setTabKeyNavigation(false);
  table->setAlternatingRowColors(true);
  table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table->verticalHeader()->hide();
  table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table->verticalHeader()->setDefaultSectionSize(table->fontMetrics().height() + 6);
  table->horizontalHeader()->setHighlightSections(false);
  table->horizontalHeader()->setStretchLastSection(true);
  table->horizontalHeader()->setResizeContentsPrecision(kLookedAtRows);
  return table;
}

void setWidths(QTableView* table, std::initializer_list<const char*> samples) {
  constexpr int kAround = 12;
  int column = 0;
  for (const char* sample : samples) {
    const int width = table->fontMetrics().horizontalAdvance(QString::fromLatin1(sample));
    table->setColumnWidth(column++, width + kAround);
  }
}

}  // namespace vsdump::gui
