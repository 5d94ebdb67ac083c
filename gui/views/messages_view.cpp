// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/messages_view.h"

#include <QHeaderView>
#include <QScopedValueRollback>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>

#include "dissector/text/quantity.h"
#include "gui/views/cell_delegate.h"
#include "gui/views/data_table.h"

namespace vsdump::gui {

using payload::Outcome;

MessagesView::MessagesView(MessageModel& model, QWidget* parent)
    : QWidget(parent),
      model_(model),
      note_(new QLabel(this)),
      table_(makeTable(&model, tr("Messages"), QStringLiteral("messages"))) {
  table_->setSortingEnabled(true);
  table_->sortByColumn(MessageModel::Time, Qt::AscendingOrder);
  table_->setItemDelegateForColumn(MessageModel::Request,
                                   new DirectionDelegate(MessageModel::kDirectionRole, this));
  table_->setItemDelegateForColumn(
      MessageModel::Reply,
      new MarkDelegate(MarkDelegate::Mark::Severity, MessageModel::kSeverityRole, this));
  // The answers end the line; short as it is, the latency comes before them.
  table_->horizontalHeader()->moveSection(MessageModel::Latency, MessageModel::Request);
  setWidths(table_, {"999.999999", "9999", "kata-trace__", "→ CreateContainer id=c0ffee01 ima",
                     "ok", "999.9 ms__"});
  note_->setMargin(8);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(note_);
  layout->addWidget(table_, 1);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& index) {
            if (index.isValid()) emit chosen(model_.at(index.row()));
          });
  connect(table_, &QTableView::activated, this,
          [this](const QModelIndex& index) { emit opened(model_.at(index.row())); });
  connect(table_->horizontalHeader(), &QHeaderView::sectionResized, this, [this](int column) {
    // The answers take the rest by themselves.
    if (!isFitting_ && column != MessageModel::Reply) hasOwnWidths_ = true;
  });
  connect(&model, &QAbstractItemModel::modelReset, this, &MessagesView::fitColumns);
  connect(&model, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex&, int first) {
    if (first == 0) fitColumns();
  });
  connect(&model, &QAbstractItemModel::modelReset, this, &MessagesView::updateNote);
  connect(&model, &QAbstractItemModel::rowsInserted, this, &MessagesView::updateNote);
}

void MessagesView::setNote(bool isDecoding, std::uint64_t beyond) {
  isDecoding_ = isDecoding;
  beyond_ = beyond;
  updateNote();
}

void MessagesView::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  fitColumns();
}

void MessagesView::fitColumns() {
  if (hasOwnWidths_ || !isVisible() || model_.rowCount() == 0) return;
  const QScopedValueRollback fitting(isFitting_, true);
  const QAbstractItemView* cellsOf = table_;
  int rest = table_->width() - table_->verticalScrollBar()->sizeHint().width();
  for (const int column : {MessageModel::Time, MessageModel::ConnectionColumn,
                           MessageModel::Protocol, MessageModel::Latency}) {
    rest -= table_->columnWidth(column);
  }
  // Where both need more than there is, each has half of it.
  const int message = cellsOf->sizeHintForColumn(MessageModel::Request);
  const int answer = std::min(cellsOf->sizeHintForColumn(MessageModel::Reply), rest / 2);
  table_->setColumnWidth(MessageModel::Request, std::clamp(message, rest / 2, rest - answer));
}

void MessagesView::updateNote() {
  const auto rows = static_cast<std::uint64_t>(model_.rowCount());
  if (rows == 0) {
    return note_->setText(isDecoding_ ? tr("Decoding …")
                                      : tr("No messages: none of the protocols that vsdump knows "
                                           "was recognised here."));
  }
  QStringList parts{QString::fromStdString(counted(rows, "message"))};
  const auto add = [&](Outcome outcome, const char* one) {
    if (const std::size_t count = model_.count(outcome); count > 0) {
      parts += QStringLiteral("%1 %2").arg(count).arg(QLatin1String(one));
    }
  };
  add(Outcome::Error, "failed");
  add(Outcome::Unanswered, "unanswered");
  add(Outcome::Unknown, "with unknown answers");
  if (beyond_ > 0) parts += tr("%1 more are not kept").arg(beyond_);
  if (isDecoding_) parts += tr("decoding …");
  note_->setText(parts.join(QStringLiteral("  ·  ")));
}

}  // namespace vsdump::gui
