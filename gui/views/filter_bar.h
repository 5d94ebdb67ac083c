// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QCompleter>
#include <QLabel>
#include <QLineEdit>
#include <QStringListModel>
#include <QTimer>
#include <QWidget>

#include "dissector/filter/filter.h"

namespace vsdump::gui {

/// A line for a filter: says while one types whether it is one, and what is wrong with it where.
class FilterBar : public QWidget {
  Q_OBJECT

 public:
  explicit FilterBar(QWidget* parent = nullptr);

  /// Puts a filter there and applies it.
  void apply(const QString& text);

  QString text() const { return line_->text(); }
  /// What is said beside the line: how many packets were selected.
  void setAnswer(const QString& text) { answer_->setText(text); }
  void focusLine();

 signals:
  /// Enter was pressed on a filter; one without words selects all.
  void chosen(const vsdump::filter::Filter& filter);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void offer(const QStringList& texts);
  void check();
  void choose();
  void showProblem();

  QLineEdit* line_;
  QLabel* answer_;
  QLabel* problem_;  ///< below the line, over what is there
  QTimer pause_;     ///< a filter is rarely one while it is being typed
  QStringListModel offers_;
  QCompleter* completer_;
};

}  // namespace vsdump::gui
