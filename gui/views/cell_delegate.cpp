// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/cell_delegate.h"

#include <QApplication>
#include <QPainter>

#include "gui/models/packet_model.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr int kMarkSize = 9;
constexpr int kMarkRoom = 18;

}  // namespace

void MarkDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                         const QModelIndex& index) const {
  QStyleOptionViewItem cell = option;
  initStyleOption(&cell, index);
  const QString text = cell.text;
  cell.text.clear();
  QStyle& style = *QApplication::style();
  style.drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);

  const bool isSelected = (cell.state & QStyle::State_Selected) != 0;
  QPalette palette = cell.palette;
  if (isSelected) palette.setColor(QPalette::Text, palette.color(QPalette::HighlightedText));
  const QVariant value = index.data(role_);
  if (value.isValid()) {
    const QRectF box(cell.rect.left() + 6, cell.rect.center().y() - kMarkSize / 2.0 + 0.5,
                     kMarkSize, kMarkSize);
    const auto number = static_cast<std::uint8_t>(value.toInt());
    const auto color = [&](auto what) {
      return isSelected ? palette.color(QPalette::Text) : markColor(what, palette);
    };
    if (mark_ == Mark::State) {
      drawState(*painter, box, ConnectionState{number}, color(ConnectionState{number}));
    } else {
      drawSeverity(*painter, box, Severity{number}, color(Severity{number}));
    }
  }
  const QRect place = cell.rect.adjusted(kMarkRoom + 2, 0, -4, 0);
  style.drawItemText(painter, place, static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter), palette,
                     true, cell.fontMetrics.elidedText(text, Qt::ElideRight, place.width()),
                     QPalette::Text);
}

QSize MarkDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  return QStyledItemDelegate::sizeHint(option, index) + QSize(kMarkRoom, 0);
}

void PacketDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
  QStyledItemDelegate::initStyleOption(option, index);
  if (index.data(PacketModel::kMarkedRole).toBool()) {
    option->font.setBold(true);
    if (index.column() == PacketModel::Number) option->text.prepend(QStringLiteral("◆ "));
  }
  if (index.column() != PacketModel::Op) return;
  const QVariant direction = index.data(PacketModel::kDirectionRole);
  if (!direction.isValid()) return;
  const QColor color =
      directionColor(Direction{static_cast<std::uint8_t>(direction.toInt())}, option->palette);
  option->palette.setColor(QPalette::Text, color);
}

}  // namespace vsdump::gui
