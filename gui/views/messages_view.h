// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QLabel>
#include <QTableView>
#include <QWidget>

#include "gui/models/message_model.h"

namespace vsdump::gui {

/// The messages of the payload protocols as a table, and above it how many there are.
class MessagesView : public QWidget {
  Q_OBJECT

 public:
  /// **Lifetime** borrows the model.
  explicit MessagesView(MessageModel& model, QWidget* parent = nullptr);

  QTableView* table() const { return table_; }
  /// Says that decoding goes on, or how much of what is shown went how.
  void setNote(bool isDecoding, std::uint64_t beyond);

 signals:
  void chosen(const vsdump::gui::MessageRow& message);
  /// Its packets are wanted.
  void opened(const vsdump::gui::MessageRow& message);

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void updateNote();
  /// Shares what room there is between messages and answers, until a user does it.
  void fitColumns();

  MessageModel& model_;
  bool isFitting_ = false;
  bool hasOwnWidths_ = false;  ///< a user's
  bool isDecoding_ = false;
  std::uint64_t beyond_ = 0;
  QLabel* note_;
  QTableView* table_;
};

}  // namespace vsdump::gui
