// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QPlainTextEdit>
#include <QSplitter>
#include <QTreeWidget>
#include <vector>

#include "gui/models/packet_details.h"

namespace vsdump::gui {

/// A packet's fields as a tree and its bytes below, each marking the other.
class DetailPanes : public QSplitter {
  Q_OBJECT

 public:
  explicit DetailPanes(QWidget* parent = nullptr);

  /// Where the fields' filters are.
  static constexpr int kFilterRole = Qt::UserRole;
  QTreeWidget* tree() const { return tree_; }

  void display(const std::vector<DetailField>& fields, Bytes record);
  void clear();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void markBytes(std::size_t offset, std::size_t length);
  void chooseFieldAt(std::size_t offset);

  QTreeWidget* tree_;
  QPlainTextEdit* hex_;
  std::vector<DetailField> fields_;
  std::vector<QTreeWidgetItem*> items_;  ///< by field
  std::size_t recordBytes_ = 0;
};

}  // namespace vsdump::gui
