// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QAbstractScrollArea>
#include <optional>

#include "gui/models/marks.h"
#include "gui/models/message_model.h"
#include "gui/models/sequence_layout.h"

namespace vsdump::gui {

/// The sequence diagram: a lane an endpoint, an arrow a packet, time downwards.
class SequenceView : public QAbstractScrollArea {
  Q_OBJECT

 public:
  /// **Lifetime** borrows the marks and the messages.
  SequenceView(const Marks& marks, const MessageModel& messages, QWidget* parent = nullptr);

  /// **Lifetime** borrows the trace of the layout.
  void display(const Trace& trace, SequenceLayout layout);

  /// Marks a packet and scrolls to it.
  void setCurrent(Row packet);

  void zoom(double factor);

  /// Draws what is shown to a picture: an SVG file or an image, by its name. Returns whether it was
  /// written.
  bool exportTo(const QString& path) const;

 signals:
  void packetChosen(vsdump::gui::Row packet);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  /// Where to draw, and which height of the diagram is its top.
  struct Canvas {
    QPainter& painter;
    QSize size;
    double top;
  };

  void draw(const Canvas& canvas) const;
  void drawHeader(const Canvas& canvas) const;
  void drawWaits(const Canvas& canvas) const;
  void drawFindings(const Canvas& canvas) const;
  void drawArrow(const Canvas& canvas, const SequenceLayout::Arrow& arrow) const;
  void drawLine(const Canvas& canvas, const SequenceLayout::Arrow& arrow, double y) const;
  void drawLabels(const Canvas& canvas, const SequenceLayout::Arrow& arrow, double y) const;
  void drawQuiet(const Canvas& canvas, const SequenceLayout::Arrow& arrow, double y) const;
  void drawMark(const Canvas& canvas, double y) const;
  QString labelOf(Row packet) const;

  void updateScrollBar();
  double top() const;
  void scrollTo(std::size_t row);
  void choose(std::size_t row);

  const Marks& marks_;
  const MessageModel& messages_;
  const Trace* trace_ = nullptr;
  std::optional<SequenceLayout> layout_;
  std::optional<Row> current_;
  double rowsPerStep_ = 1;  ///< the scroll bar counts rows; beyond its range, several at once
};

}  // namespace vsdump::gui
