// SPDX-License-Identifier: GPL-2.0-or-later
// How the sequence diagram looks; sequence_view.cpp has what it does.
#include <QPainter>
#include <algorithm>
#include <utility>

#include "dissector/text/quantity.h"
#include "gui/models/text.h"
#include "gui/views/sequence_style.h"
#include "gui/views/sequence_view.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

/// That a line of text has to itself.
constexpr double kTextHeight = 22;
/// How far an arrow over loopback goes when both ends stand on one lane.
constexpr double kLoopWidth = 36;

constexpr double kTimeWidth = SequenceLayout::kTimeWidth;
constexpr double kMargin = SequenceLayout::kMargin;
constexpr double kLabelHeight = SequenceLayout::kLabelHeight;

void drawHead(QPainter& painter, QPointF tip, bool toRight) {
  const double back = toRight ? -8 : 8;
  const QPointF corners[] = {tip, tip + QPointF(back, -4), tip + QPointF(back, 4)};
  painter.setBrush(painter.pen().color());
  painter.drawPolygon(corners, 3);
  painter.setBrush(Qt::NoBrush);
}

QString nameOf(const Lane& lane) {
  if (lane.kind == Lane::Kind::Others) return SequenceView::tr("others");
  const QString name = addressText(lane.address);
  return lane.kind == Lane::Kind::Cid ? name.left(name.lastIndexOf(':')) : name;
}

}  // namespace

void SequenceView::draw(const Canvas& canvas) const {
  QPainter& painter = canvas.painter;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(font());
  if (!layout_ || layout_->rowCount() == 0) {
    painter.setPen(hintColor(palette()));
    painter.drawText(QRect(QPoint(), canvas.size), Qt::AlignCenter, tr("No packets to show."));
    return;
  }
  const double bottom = canvas.size.height();
  // What stands partly above or below shows in part.
  const double last = canvas.top + bottom - kHeaderHeight + kLabelHeight;
  painter.save();
  painter.setClipRect(QRectF(0, kHeaderHeight, canvas.size.width(), bottom - kHeaderHeight));
  const Waits waits = layout_->waits(canvas.top, canvas.top + bottom);
  drawWaits(canvas, waits);
  painter.setPen(QPen(palette().color(QPalette::Mid), 1));
  for (std::size_t lane = 0; lane < layout_->lanes().size(); ++lane) {
    const double x = layout_->laneX(lane);
    painter.drawLine(QPointF(x, kHeaderHeight), QPointF(x, bottom));
  }
  drawTicks(canvas);
  drawCurrent(canvas);
  const auto arrows = layout_->arrows(canvas.top - kLabelHeight, last);
  for (const auto& arrow : arrows) {
    if (arrow.from == SequenceLayout::Arrow::kNoLane) continue;
    drawLine(canvas, arrow, kHeaderHeight + arrow.y - canvas.top);
  }
  for (const auto& arrow : arrows) drawArrow(canvas, arrow);
  drawQuiets(canvas, waits);
  drawFindings(canvas);
  painter.restore();
  drawHeader(canvas);
}

void SequenceView::drawHeader(const Canvas& canvas) const {
  QPainter& painter = canvas.painter;
  const QRectF strip(0, 0, canvas.size.width(), kHeaderHeight);
  painter.fillRect(strip, palette().color(QPalette::Window));
  painter.setPen(palette().color(QPalette::Mid));
  painter.drawLine(strip.bottomLeft(), strip.bottomRight());
  painter.setPen(palette().color(QPalette::WindowText));
  painter.drawText(QRectF(24, 0, kTimeWidth - 24, kHeaderHeight), Qt::AlignVCenter | Qt::AlignRight,
                   tr("Seconds"));
  QFont bold = font();
  bold.setBold(true);
  painter.setFont(bold);
  const auto& lanes = layout_->lanes();
  for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
    const double x = layout_->laneX(lane);
    // A name has the room half way to its neighbours, and to the edge at most.
    const double before = lane == 0 ? kMargin : (x - layout_->laneX(lane - 1)) / 2;
    const double after =
        lane + 1 == lanes.size() ? canvas.size.width() - x : (layout_->laneX(lane + 1) - x) / 2;
    const double half = std::min(before, after) - 2;
    const QRectF box(x - half, 0, 2 * half, kHeaderHeight);
    QString name = nameOf(lanes[lane]);
    const auto room = static_cast<int>(box.width());
    // Where that is little, the port stands below.
    if (painter.fontMetrics().horizontalAdvance(name) > room)
      name.replace(':', QStringLiteral(":\n"));
    painter.drawText(box, Qt::AlignCenter, name);
  }
  painter.setFont(font());
}

void SequenceView::drawWaits(const Canvas& canvas, const Waits& waits) const {
  QPainter& painter = canvas.painter;
  for (const auto& wait : waits) {
    const auto [left, right] = std::minmax({layout_->laneX(wait.from), layout_->laneX(wait.to)});
    const double width = wait.from == wait.to ? kLoopWidth : right - left;
    const QRectF area(left, kHeaderHeight + wait.top - canvas.top, width,
                      std::max(wait.bottom - wait.top, 2.0));
    painter.fillRect(area, QBrush(stallColor(), Qt::BDiagPattern));
    const bool hasRoom =
        layout_->isToScale() ? area.height() >= kLabelHeight : layout_->rowHeight() >= kLabelHeight;
    if (!hasRoom) continue;
    const QString text = tr("no credit %1").arg(durationCell(wait.durationNs));
    painter.setPen(palette().color(QPalette::Text));
    if (layout_->lanes().size() > 2 || wait.from == wait.to) continue;
    painter.drawText(
        QRectF(area.right() + 8, std::max(area.top(), kHeaderHeight), kMargin - 8, kTextHeight),
        Qt::AlignLeft | Qt::AlignVCenter | Qt::TextDontClip, text);
  }
}

/// Where not each row has room for words, marks at the left tell that there is something.
void SequenceView::drawFindings(const Canvas& canvas) const {
  constexpr double kMarkSize = 10;
  if (!layout_->isToScale() && layout_->rowHeight() >= kLabelHeight) return;
  const double bottom = canvas.top + canvas.size.height() - kHeaderHeight;
  for (const auto& mark : layout_->marks(canvas.top - kMarkSize, bottom, kMarkSize + 2)) {
    const double y = kHeaderHeight + mark.y - canvas.top;
    drawSeverity(canvas.painter, QRectF(10, y - kMarkSize / 2, kMarkSize, kMarkSize), mark.severity,
                 markColor(mark.severity, palette()));
  }
}

/// The gutter's times where rows stand to scale.
void SequenceView::drawTicks(const Canvas& canvas) const {
  QPainter& painter = canvas.painter;
  const double bottom = canvas.top + canvas.size.height() - kHeaderHeight;
  for (const auto& tick : layout_->ticks(canvas.top - kTextHeight, bottom + kTextHeight)) {
    const double y = kHeaderHeight + tick.y - canvas.top;
    painter.setPen(palette().color(QPalette::Mid));
    painter.drawLine(QPointF(kTimeWidth + 4, y), QPointF(kTimeWidth + 12, y));
    drawTime(painter, tick.timeNs, y);
  }
}

void SequenceView::drawTime(QPainter& painter, std::int64_t timeNs, double y) const {
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(QRectF(24, y - kTextHeight / 2, kTimeWidth - 24, kTextHeight),
                   Qt::AlignRight | Qt::AlignVCenter, relativeTimeText(timeNs, trace_->timeNs(0)));
}

void SequenceView::drawCurrent(const Canvas& canvas) const {
  const std::size_t row = current_ ? layout_->rowOf(*current_) : layout_->rowCount();
  if (row >= layout_->rowCount()) return;
  const double y = kHeaderHeight + layout_->heightOf(row) - canvas.top;
  const double height = layout_->isToScale() ? kTextHeight : std::max(layout_->rowHeight(), 3.0);
  const QRectF band(0, y - height / 2, canvas.size.width(), height);
  QColor highlight = palette().color(QPalette::Highlight);
  highlight.setAlphaF(0.25F);
  if (layout_->isToScale()) {
    // Its time is in the way of round ones.
    canvas.painter.fillRect(QRectF(0, band.top(), kTimeWidth + 12, height),
                            palette().color(QPalette::Base));
    drawTime(canvas.painter, trace_->timeNs(*current_), y);
  }
  canvas.painter.fillRect(band, highlight);
}

void SequenceView::drawArrow(const Canvas& canvas, const SequenceLayout::Arrow& arrow) const {
  const double y = kHeaderHeight + arrow.y - canvas.top;
  const bool hasRoom = arrow.hasLabel || layout_->isToScale();
  if (hasRoom && marks_.contains(arrow.packet)) drawMark(canvas, y);
  if (arrow.hasLabel) drawLabels(canvas, arrow, y);
}

void SequenceView::drawLine(const Canvas& canvas, const SequenceLayout::Arrow& arrow,
                            double y) const {
  QPainter& painter = canvas.painter;
  const Observation& seen = trace_->observation(arrow.packet);
  const bool isReset = trace_->op(arrow.packet) == static_cast<std::uint16_t>(VirtioOp::Rst);
  painter.setPen(QPen(isReset ? troubleColor(palette()) : directionColor(seen.direction, palette()),
                      arrow.hasLabel ? 1.4 : 1));
  const double from = layout_->laneX(arrow.from);
  if (arrow.from == arrow.to) {
    const bool toServer = seen.direction == Direction::ToServer;
    painter.drawLine(QPointF(from, y), QPointF(from + kLoopWidth, y));
    if (arrow.hasLabel) drawHead(painter, {toServer ? from + kLoopWidth : from, y}, toServer);
    return;
  }
  const double to = layout_->laneX(arrow.to);
  painter.drawLine(QPointF(from, y), QPointF(to, y));
  if (arrow.hasLabel) drawHead(painter, {to, y}, to > from);
}

void SequenceView::drawMark(const Canvas& canvas, double y) const {
  const QPointF corners[] = {{5, y - 4}, {9, y}, {5, y + 4}, {1, y}};
  canvas.painter.setPen(Qt::NoPen);
  canvas.painter.setBrush(palette().color(QPalette::Text));
  canvas.painter.drawPolygon(corners, 4);
  canvas.painter.setBrush(Qt::NoBrush);
}

QString SequenceView::labelOf(Row packet) const {
  const std::uint16_t op = trace_->op(packet);
  QString label = op == PacketChunk::kNoOp ? opText(trace_->read(packet).packet) : opText(op);
  if (const std::uint32_t length = trace_->payloadLength(packet); length > 0) {
    label += QStringLiteral(" %1").arg(length);
  }
  if (const QString said = messages_.textOf(FrameNumber{trace_->number(packet)}); !said.isEmpty()) {
    label += QStringLiteral("  ") + said;
  }
  const auto& lanes = layout_->lanes();
  const ConnectionId id = trace_->observation(packet).connection;
  const bool isOfOne = lanes.size() == 2 && lanes.front().kind == Lane::Kind::End;
  if (id != kNoConnection && !isOfOne) {
    label.prepend(QStringLiteral("#%1 ").arg(raw(id)));
  }
  return label;
}

void SequenceView::drawLabels(const Canvas& canvas, const SequenceLayout::Arrow& arrow,
                              double y) const {
  QPainter& painter = canvas.painter;
  const QFontMetrics metrics = painter.fontMetrics();
  const double line = metrics.height();
  if (!layout_->isToScale()) drawTime(painter, trace_->timeNs(arrow.packet), y);
  painter.setPen(palette().color(QPalette::Text));
  QString found;
  Severity worst = Severity::Note;
  for (const Finding& finding : trace_->findingsOf(arrow.packet)) {
    const FindingRow row = describe(finding.code);
    worst = std::max(worst, row.severity);
    found += QStringLiteral("  %1").arg(toQt(row.code));
  }
  const bool isLoop = arrow.from == arrow.to;
  const double start = isLoop && arrow.from != SequenceLayout::Arrow::kNoLane
                           ? layout_->laneX(arrow.from) + kLoopWidth + 4
                           : kTimeWidth + kMargin + 4;
  const QString others =
      arrow.others == 0
          ? QString()
          : QStringLiteral("  +%1").arg(QString::fromStdString(grouped(arrow.others)));
  const double othersWidth = metrics.horizontalAdvance(others);
  const double foundWidth = metrics.horizontalAdvance(found) + othersWidth;
  const auto [left, right] =
      isLoop ? std::pair(start, start)
             : std::minmax({layout_->laneX(arrow.from), layout_->laneX(arrow.to)});
  // A label leaves the ends of its arrow to be seen; short arrows have theirs beside them.
  constexpr double kEnds = 44;
  constexpr double kLeastRoom = 120;
  const bool isBeside = isLoop || right - left - kEnds < kLeastRoom;
  const double room = isLoop     ? canvas.size.width() - start
                      : isBeside ? kLeastRoom + kMargin
                                 : right - left - kEnds;
  const QString label = metrics.elidedText(labelOf(arrow.packet), Qt::ElideRight,
                                           static_cast<int>(room - foundWidth - 12)) +
                        others;
  const double width = metrics.horizontalAdvance(label + found) + 12.0;
  const bool fitsRight = right + width < canvas.size.width();
  const double beside = fitsRight || isLoop ? right + 2 : left - width - 2;
  const double x = isBeside ? beside : (left + right - width) / 2;
  const QRectF box(x, y - line / 2, width, line);
  if (!isLoop) painter.fillRect(box, palette().color(QPalette::Base));
  const QRectF inner = box.adjusted(6, 0, -6, 0);
  painter.drawText(inner, Qt::AlignLeft | Qt::AlignVCenter, label);
  if (found.isEmpty()) return;
  if (!layout_->isToScale()) {
    drawSeverity(painter, QRectF(10, y - 5, 10, 10), worst, markColor(worst, palette()));
  }
  painter.setPen(markColor(worst, palette()));
  painter.drawText(inner, Qt::AlignRight | Qt::AlignVCenter, found);
}

/// Says how long nothing was seen, where that was long.
void SequenceView::drawQuiets(const Canvas& canvas, const Waits& waits) const {
  QPainter& painter = canvas.painter;
  const double bottom = canvas.top + canvas.size.height() - kHeaderHeight;
  for (const auto& quiet : layout_->quiets(canvas.top, bottom)) {
    if (layout_->isToScale() && quiet.isBreak) drawBreak(canvas, quiet);
    // A wait for credit says it already.
    const double middle = (quiet.top + quiet.bottom) / 2;
    const bool isWait = std::ranges::any_of(waits, [middle](const SequenceLayout::Wait& wait) {
      return wait.top <= middle && wait.bottom >= middle;
    });
    if (isWait) continue;
    const QString text = tr("%1 quiet").arg(durationText(quiet.durationNs).c_str());
    painter.setPen(QPen(hintColor(palette()), 1, Qt::DashLine));
    if (layout_->isToScale()) {
      const double from = std::max(quiet.top, canvas.top);
      const double to = std::min(quiet.bottom, bottom);
      if (to - from < kLabelHeight) continue;
      const double y = kHeaderHeight + (from + to) / 2 - canvas.top;
      painter.drawText(
          QRectF(kTimeWidth, y - kTextHeight / 2, canvas.size.width() - kTimeWidth, kTextHeight),
          Qt::AlignCenter, text);
      continue;
    }
    const double y = kHeaderHeight + quiet.top - canvas.top;
    const double right = canvas.size.width() - 8;
    const double width = painter.fontMetrics().horizontalAdvance(text) + 8.0;
    painter.drawLine(QPointF(24, y), QPointF(right - width, y));
    painter.drawText(QRectF(right - width, y - kTextHeight / 2, width, kTextHeight),
                     Qt::AlignRight | Qt::AlignVCenter, text);
  }
}

/// Dots in the lanes and between the times, where some of these is left out.
void SequenceView::drawBreak(const Canvas& canvas, const SequenceLayout::Quiet& quiet) const {
  QPainter& painter = canvas.painter;
  const double top = kHeaderHeight + quiet.top - canvas.top + kLabelHeight / 2;
  const double bottom = kHeaderHeight + quiet.bottom - canvas.top - kLabelHeight / 2;
  const auto drawDots = [&](double x) {
    painter.fillRect(QRectF(x - 1.5, top, 3, bottom - top), palette().color(QPalette::Base));
    painter.drawLine(QPointF(x, top), QPointF(x, bottom));
  };
  painter.setPen(QPen(hintColor(palette()), 2, Qt::DotLine));
  drawDots(kTimeWidth - 4);
  for (std::size_t lane = 0; lane < layout_->lanes().size(); ++lane) {
    drawDots(layout_->laneX(lane));
  }
}

}  // namespace vsdump::gui
