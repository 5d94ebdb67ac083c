// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/detail_panes.h"

#include <QHeaderView>
#include <QMouseEvent>
#include <QTextBlock>
#include <algorithm>
#include <optional>

#include "gui/models/glossary.h"
#include "gui/models/stream_text.h"
#include "gui/models/text.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

// Where things stand in a line of hexDump().
constexpr std::size_t kLineBytes = 16;
constexpr int kHexStart = 8;
constexpr int kTextStart = kHexStart + 16 * 3 + 2;

int hexColumn(std::size_t byte) {
  return kHexStart + static_cast<int>(byte) * 3 + (byte >= kLineBytes / 2 ? 1 : 0);
}

}  // namespace

DetailPanes::DetailPanes(QWidget* parent)
    : QSplitter(Qt::Vertical, parent),
      tree_(new QTreeWidget(this)),
      hex_(new QPlainTextEdit(this)) {
  setChildrenCollapsible(false);
  tree_->setColumnCount(2);
  tree_->setHeaderHidden(true);
  tree_->setUniformRowHeights(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->setAccessibleName(tr("Fields of the packet"));
  tree_->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
  hex_->setReadOnly(true);
  hex_->setFont(fixedFont());
  hex_->setLineWrapMode(QPlainTextEdit::NoWrap);
  hex_->setFrameShape(QFrame::NoFrame);
  hex_->setAccessibleName(tr("Bytes of the packet"));
  hex_->setPlaceholderText(tr("Choose a packet to see its bytes."));
  hex_->viewport()->installEventFilter(this);
  setStretchFactor(0, 3);
  setStretchFactor(1, 2);
  connect(tree_, &QTreeWidget::currentItemChanged, this, [this](QTreeWidgetItem* item) {
    const auto found = std::ranges::find(items_, item);
    if (found == items_.end()) return;
    const DetailField& field = fields_[static_cast<std::size_t>(found - items_.begin())];
    markBytes(field.offset, field.length);
  });
}

void DetailPanes::display(const std::vector<DetailField>& fields, Bytes record) {
  // What was open stays open: the reader goes from packet to packet looking at one field.
  std::vector<QString> closed;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (fields_[i].depth == 0 && !items_[i]->isExpanded()) {
      closed.push_back(fields_[i].name.section(' ', 0, 0));
    }
  }
  clear();
  fields_ = fields;
  recordBytes_ = record.size();
  QTreeWidgetItem* heading = nullptr;
  for (const DetailField& field : fields_) {
    QTreeWidgetItem* item = field.depth == 0 || heading == nullptr ? new QTreeWidgetItem(tree_)
                                                                   : new QTreeWidgetItem(heading);
    if (field.depth == 0) heading = item;
    item->setText(0, field.name);
    item->setText(1, field.value);
    item->setToolTip(1, field.value);
    const std::string_view meaning = meaningOf(field.name.toStdString());
    if (!meaning.empty()) item->setToolTip(0, toQt(meaning));
    for (const int column : {0, 1}) item->setData(column, kFilterRole, field.filter);
    items_.push_back(item);
  }
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (fields_[i].depth != 0) continue;
    items_[i]->setExpanded(std::ranges::find(closed, fields_[i].name.section(' ', 0, 0)) ==
                           closed.end());
  }
  hex_->setPlainText(hexDump(record, 0));
}

void DetailPanes::clear() {
  items_.clear();
  fields_.clear();
  tree_->clear();
  hex_->clear();
  recordBytes_ = 0;
}

void DetailPanes::markBytes(std::size_t offset, std::size_t length) {
  QList<QTextEdit::ExtraSelection> marks;
  const std::size_t end = std::min(offset + length, recordBytes_);
  for (std::size_t at = offset; at < end;) {
    const std::size_t line = at / kLineBytes;
    const std::size_t first = at % kLineBytes;
    const std::size_t last = std::min(end - line * kLineBytes, kLineBytes);
    const int start = hex_->document()->findBlockByNumber(static_cast<int>(line)).position();
    const auto mark = [&](int from, int to) {
      QTextEdit::ExtraSelection selection;
      selection.cursor = QTextCursor(hex_->document());
      selection.cursor.setPosition(start + from);
      selection.cursor.setPosition(start + to, QTextCursor::KeepAnchor);
      selection.format.setBackground(palette().color(QPalette::Highlight));
      selection.format.setForeground(palette().color(QPalette::HighlightedText));
      marks += selection;
    };
    mark(hexColumn(first), hexColumn(last - 1) + 2);
    mark(kTextStart + static_cast<int>(first), kTextStart + static_cast<int>(last));
    at = (line + 1) * kLineBytes;
  }
  hex_->setExtraSelections(marks);
  if (!marks.isEmpty()) {
    QTextCursor cursor(marks.front().cursor);
    cursor.clearSelection();
    hex_->setTextCursor(cursor);
    hex_->ensureCursorVisible();
  }
}

bool DetailPanes::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::MouseButtonRelease) {
    const auto* mouse = static_cast<QMouseEvent*>(event);
    const QTextCursor cursor = hex_->cursorForPosition(mouse->pos());
    const int column = cursor.positionInBlock() - kHexStart;
    if (column >= 0 && cursor.positionInBlock() < kTextStart &&
        !hex_->textCursor().hasSelection()) {
      const int byte = std::min((column - (column > 24 ? 1 : 0)) / 3, 15);
      chooseFieldAt(static_cast<std::size_t>(cursor.blockNumber()) * kLineBytes +
                    static_cast<std::size_t>(byte));
    }
  }
  return QSplitter::eventFilter(watched, event);
}

void DetailPanes::chooseFieldAt(std::size_t offset) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const DetailField& field = fields_[i];
    const bool isInside =
        field.length > 0 && offset >= field.offset && offset < field.offset + field.length;
    if (isInside && (!best || field.length <= fields_[*best].length)) best = i;
  }
  if (best) tree_->setCurrentItem(items_[*best]);
}

}  // namespace vsdump::gui
