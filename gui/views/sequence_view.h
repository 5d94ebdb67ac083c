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

  /// Keeps what is in sight and how large, as far as that makes sense.
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
  using Waits = std::vector<SequenceLayout::Wait>;
  void drawWaits(const Canvas& canvas, const Waits& waits) const;
  void drawFindings(const Canvas& canvas) const;
  void drawTicks(const Canvas& canvas) const;
  void drawTime(QPainter& painter, std::int64_t timeNs, double y) const;
  void drawQuiets(const Canvas& canvas, const Waits& waits) const;
  void drawBreak(const Canvas& canvas, const SequenceLayout::Quiet& quiet) const;
  void drawCurrent(const Canvas& canvas) const;
  void drawArrow(const Canvas& canvas, const SequenceLayout::Arrow& arrow) const;
  void drawLine(const Canvas& canvas, const SequenceLayout::Arrow& arrow, double y) const;
  void drawLabels(const Canvas& canvas, const SequenceLayout::Arrow& arrow, double y) const;
  void drawMark(const Canvas& canvas, double y) const;
  QString labelOf(Row packet) const;

  /// What is below the names of the lanes.
  double room() const;
  void fitScale(std::size_t first);
  void updateScrollBar();
  void setTop(double y);
  void scrollTo(std::size_t row);
  void choose(std::size_t row);

  const Marks& marks_;
  const MessageModel& messages_;
  const Trace* trace_ = nullptr;
  std::optional<SequenceLayout> layout_;
  std::optional<Row> current_;
  double top_ = 0;            ///< which height of the diagram is in sight first
  double pixelsPerStep_ = 1;  ///< of the scroll bar; more where its range would not do
  bool isPlacing_ = false;    ///< what the scroll bar says is not the user's doing
  bool isZoomed_ = false;     ///< by the user, so that the scale of time stays
  std::size_t fittedRows_ = 0;
};

}  // namespace vsdump::gui
