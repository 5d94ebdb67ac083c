// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/theme.h"

#include <QFontDatabase>
#include <QPainterPath>

namespace vsdump::gui {

namespace {

bool isDark(const QPalette& palette) {
  return palette.color(QPalette::Base).lightnessF() < 0.5;
}

bool isTrouble(ConnectionState state) {
  return state == ConnectionState::Refused || state == ConnectionState::Reset ||
         state == ConnectionState::Unanswered || state == ConnectionState::Lost;
}

void drawCross(QPainter& painter, const QRectF& box) {
  painter.drawLine(box.topLeft(), box.bottomRight());
  painter.drawLine(box.topRight(), box.bottomLeft());
}

}  // namespace

QColor directionColor(Direction direction, const QPalette& palette) {
  if (direction == Direction::ToServer) return isDark(palette) ? 0x56B4E9 : 0x0072B2;
  return isDark(palette) ? 0xE69F00 : 0x946200;
}

QColor troubleColor(const QPalette& palette) {
  return isDark(palette) ? 0xFF8A3D : 0xC44A00;
}

QColor stallColor() {
  return 0xF0C020;
}

QColor hintColor(const QPalette& palette) {
  QColor color = palette.color(QPalette::Text);
  color.setAlphaF(0.6F);
  return color;
}

QFont fixedFont() {
  QFont font = QFontDatabase::systemFont(QFontDatabase::FixedFont);
  font.setPointSizeF(font.pointSizeF() * 0.9);
  return font;
}

QColor markColor(ConnectionState state, const QPalette& palette) {
  return isTrouble(state) ? troubleColor(palette) : palette.color(QPalette::Text);
}

QColor markColor(Severity severity, const QPalette& palette) {
  return severity == Severity::Note ? palette.color(QPalette::Text) : troubleColor(palette);
}

void drawState(QPainter& painter, const QRectF& box, ConnectionState state, const QColor& color) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, 1.6));
  switch (state) {
    case ConnectionState::Requested:
      painter.drawEllipse(box);
      break;
    case ConnectionState::Open:
      painter.setBrush(color);
      painter.drawEllipse(box);
      break;
    case ConnectionState::HalfClosedByClient:
    case ConnectionState::HalfClosedByServer:
    case ConnectionState::Closing: {
      painter.drawEllipse(box);
      if (state == ConnectionState::Closing) break;
      painter.setBrush(color);
      const bool keepsRight = state == ConnectionState::HalfClosedByClient;
      painter.drawPie(box, (keepsRight ? -90 : 90) * 16, 180 * 16);
      break;
    }
    case ConnectionState::Closed:
      painter.drawRect(box.adjusted(1, 1, -1, -1));
      break;
    case ConnectionState::Refused:
      drawCross(painter, box);
      break;
    case ConnectionState::Reset: {
      QPainterPath bolt(box.topRight());
      bolt.lineTo(box.left() + box.width() * 0.3, box.center().y());
      bolt.lineTo(box.right() - box.width() * 0.3, box.center().y());
      bolt.lineTo(box.bottomLeft());
      painter.drawPath(bolt);
      break;
    }
    case ConnectionState::Unanswered:
    case ConnectionState::Lost:
      painter.setPen(QPen(color, 1.6, Qt::DotLine));
      painter.drawEllipse(box);
      break;
  }
  painter.restore();
}

void drawSeverity(QPainter& painter, const QRectF& box, Severity severity, const QColor& color) {
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(color, 1.8));
  switch (severity) {
    case Severity::Error:
      drawCross(painter, box.adjusted(1, 1, -1, -1));
      break;
    case Severity::Warning: {
      const QPointF corners[] = {
          {box.center().x(), box.top()}, box.bottomRight(), box.bottomLeft()};
      painter.drawPolygon(corners, 3);
      break;
    }
    case Severity::Note:
      painter.setBrush(color);
      painter.drawEllipse(box.center(), 2, 2);
      break;
  }
  painter.restore();
}

}  // namespace vsdump::gui
