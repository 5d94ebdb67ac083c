// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/cell_delegate.h"

#include <QApplication>
#include <QPainter>
#include <algorithm>

#include "gui/models/connection_model.h"
#include "gui/models/packet_model.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr int kMarkSize = 9;
constexpr int kMarkRoom = 18;

void colorByDirection(QStyleOptionViewItem& option, const QVariant& direction) {
  if (!direction.isValid()) return;
  const Direction d{static_cast<std::uint8_t>(direction.toInt())};
  option.palette.setColor(QPalette::Text, directionColor(d, option.palette));
}

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

void SparklineDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const {
  QStyledItemDelegate::paint(painter, option, index);
  const QByteArray heights = index.data(ConnectionModel::kSparklineRole).toByteArray();
  if (heights.isEmpty()) return;
  const bool isSelected = (option.state & QStyle::State_Selected) != 0;
  QColor color = option.palette.color(isSelected ? QPalette::HighlightedText : QPalette::Text);
  color.setAlphaF(0.7F);
  const QRectF room = QRectF(option.rect).adjusted(6, 3, -6, -3);
  const double width = room.width() / static_cast<double>(heights.size());
  for (qsizetype i = 0; i < heights.size(); ++i) {
    const double part = static_cast<unsigned char>(heights[i]) / 255.0;
    if (part <= 0) continue;
    // However little it was, it is seen.
    const double height = std::max(part * room.height(), 1.0);
    painter->fillRect(QRectF(room.left() + static_cast<double>(i) * width, room.bottom() - height,
                             std::max(width - 0.5, 1.0), height),
                      color);
  }
}

QSize SparklineDelegate::sizeHint(const QStyleOptionViewItem& option,
                                  const QModelIndex& index) const {
  return QStyledItemDelegate::sizeHint(option, index) +
         QSize(3 * static_cast<int>(Sparkline::kBins), 0);
}

void DirectionDelegate::initStyleOption(QStyleOptionViewItem* option,
                                        const QModelIndex& index) const {
  QStyledItemDelegate::initStyleOption(option, index);
  colorByDirection(*option, index.data(role_));
}

void PacketDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const {
  QStyledItemDelegate::initStyleOption(option, index);
  if (index.data(PacketModel::kMarkedRole).toBool()) {
    option->font.setBold(true);
    if (index.column() == PacketModel::Number) option->text.prepend(QStringLiteral("◆ "));
  }
  if (index.column() == PacketModel::Op) {
    colorByDirection(*option, index.data(PacketModel::kDirectionRole));
  }
}

}  // namespace vsdump::gui
