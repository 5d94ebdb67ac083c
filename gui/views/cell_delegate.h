// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace vsdump::gui {

/// Draws a cell's text with a mark before it: a state's, or a severity's.
class MarkDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  enum class Mark { State, Severity };

  /// `role` is the model's role with the number of the state or the severity.
  MarkDelegate(Mark mark, int role, QObject* parent)
      : QStyledItemDelegate(parent), mark_(mark), role_(role) {}

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  Mark mark_;
  int role_;
};

/// Draws a connection's payload over time as bars.
class SparklineDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// Draws a cell's text in the colour of a direction.
class DirectionDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  /// `role` is the model's role with the number of the direction.
  DirectionDelegate(int role, QObject* parent) : QStyledItemDelegate(parent), role_(role) {}

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;

 private:
  int role_;
};

/// Draws the cells of a packet: what is asked in the colour of its direction, and the packets that
/// are marked in bold, with a sign before their number.
class PacketDelegate : public QStyledItemDelegate {
  Q_OBJECT

 public:
  using QStyledItemDelegate::QStyledItemDelegate;

 protected:
  void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;
};

}  // namespace vsdump::gui
