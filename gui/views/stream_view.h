// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QWidget>

#include "gui/models/stream_text.h"

namespace vsdump::gui {

/// What passed on one connection, both ways in two colours.
class StreamView : public QWidget {
  Q_OBJECT

 public:
  explicit StreamView(QWidget* parent = nullptr);

  StreamForm form() const { return static_cast<StreamForm>(form_->currentData().toInt()); }
  void display(const StreamContents& contents);
  /// Shows nothing: no connection is chosen, or several are.
  void clear();

  /// Where what is to be found is typed.
  void focusSearch();

 signals:
  void formChosen();
  void saveWanted(vsdump::Direction direction);

 private:
  void find();

  QComboBox* form_;
  QLineEdit* search_;
  QLabel* note_;
  QPushButton* saveToServer_;
  QPushButton* saveToClient_;
  QPlainTextEdit* text_;
};

}  // namespace vsdump::gui
