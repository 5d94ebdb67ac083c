// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>

#include "gui/models/capture_request.h"
#include "gui/models/machine.h"

namespace vsdump::gui {

/// Asks what is to be captured, and with whose rights. It begins with what was asked for last.
class CaptureDialog : public QDialog {
  Q_OBJECT

 public:
  /// **Lifetime** borrows `machine`, whose answer may still come.
  CaptureDialog(const Machine& machine, QWidget* parent);

  CaptureRequest request() const;

 private:
  void remember() const;
  void restore();
  void offerDevices();
  void check();

  const Machine& machine_;
  QComboBox* device_;
  QCheckBox* create_;
  QLineEdit* filter_;
  QComboBox* rights_;
  QLineEdit* host_;
  QLabel* problem_;
  QDialogButtonBox* buttons_;
};

}  // namespace vsdump::gui
