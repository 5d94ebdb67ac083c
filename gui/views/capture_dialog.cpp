// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/capture_dialog.h"

#include <QFormLayout>
#include <QPushButton>
#include <QSettings>
#include <QVBoxLayout>

#include "dissector/filter/filter.h"
#include "gui/views/settings_keys.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr int kLeastWidth = 560;

/// What is wrong with a filter, or nothing.
QString problemOf(const QString& filter) {
  const auto parsed = filter::parse(filter.toStdString());
  return parsed ? QString() : QString::fromStdString(parsed.error().message + '.');
}

}  // namespace

CaptureDialog::CaptureDialog(const Machine& machine, QWidget* parent)
    : QDialog(parent),
      machine_(machine),
      device_(new QComboBox(this)),
      create_(new QCheckBox(tr("&Make it, if it is not there"), this)),
      filter_(new QLineEdit(this)),
      rights_(new QComboBox(this)),
      host_(new QLineEdit(this)),
      problem_(new QLabel(this)),
      buttons_(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this)) {
  setWindowTitle(tr("Capture"));
  setMinimumWidth(kLeastWidth);
  device_->setEditable(true);
  device_->lineEdit()->setPlaceholderText(tr("one that is made for this capture"));
  device_->setToolTip(
      tr("The vsockmon device that shows the packets. Nothing here: vsdump makes a "
         "device, which goes away with the capture."));
  filter_->setPlaceholderText(tr("everything; for example: port 1024"));
  filter_->setToolTip(tr("Only these packets are captured, in vsdump's filter language."));
  // In the order of CaptureRequest::Rights.
  rights_->addItems({tr("with my own rights"), tr("as administrator, after authentication"),
                     tr("on another host, through ssh")});
  host_->setPlaceholderText(tr("user@host"));
  host_->setToolTip(
      tr("As ssh knows it, whose settings and keys are used; for example ssh://user@host:2222. "
         "vsdump has to be there, and the user has to have the rights to capture."));
  problem_->setFont(fixedFont());
  problem_->setTextFormat(Qt::PlainText);
  problem_->setWordWrap(true);
  buttons_->button(QDialogButtonBox::Ok)->setText(tr("&Start"));

  auto* form = new QFormLayout;
  form->setSpacing(8);
  form->addRow(tr("&Device"), device_);
  form->addRow({}, create_);
  form->addRow(tr("&Filter"), filter_);
  form->addRow(tr("&Capture"), rights_);
  form->addRow(tr("&Host"), host_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 16, 16, 16);
  layout->setSpacing(16);
  layout->addLayout(form);
  layout->addWidget(problem_);
  layout->addStretch();
  layout->addWidget(buttons_);

  connect(buttons_, &QDialogButtonBox::accepted, this, [this] {
    remember();
    accept();
  });
  connect(buttons_, &QDialogButtonBox::rejected, this, &QDialog::reject);
  connect(&machine_, &Machine::answered, this, &CaptureDialog::offerDevices);
  connect(device_, &QComboBox::editTextChanged, this, &CaptureDialog::check);
  connect(filter_, &QLineEdit::textChanged, this, &CaptureDialog::check);
  connect(host_, &QLineEdit::textChanged, this, &CaptureDialog::check);
  connect(rights_, &QComboBox::currentIndexChanged, this, [this] {
    offerDevices();
    check();
  });
  restore();
  offerDevices();
  check();
}

CaptureRequest CaptureDialog::request() const {
  return {.device = device_->currentText().trimmed(),
          .create = create_->isChecked(),
          .filter = filter_->text().trimmed(),
          .rights = static_cast<CaptureRequest::Rights>(rights_->currentIndex()),
          .host = host_->text().trimmed()};
}

void CaptureDialog::remember() const {
  QSettings settings;
  const CaptureRequest wanted = request();
  settings.setValue(kCaptureKey + "device", wanted.device);
  settings.setValue(kCaptureKey + "create", wanted.create);
  settings.setValue(kCaptureKey + "filter", wanted.filter);
  settings.setValue(kCaptureKey + "rights", static_cast<int>(wanted.rights));
  settings.setValue(kCaptureKey + "host", wanted.host);
}

void CaptureDialog::restore() {
  const QSettings settings;
  device_->setEditText(settings.value(kCaptureKey + "device").toString());
  create_->setChecked(settings.value(kCaptureKey + "create").toBool());
  filter_->setText(settings.value(kCaptureKey + "filter").toString());
  host_->setText(settings.value(kCaptureKey + "host").toString());
  const auto usual = mayCapture(machine_.checks()) ? CaptureRequest::Rights::Own
                                                   : CaptureRequest::Rights::Administrator;
  rights_->setCurrentIndex(settings.value(kCaptureKey + "rights", static_cast<int>(usual)).toInt());
}

/// The devices of this machine, beside what is written; nobody knows those of another host.
void CaptureDialog::offerDevices() {
  const QString written = device_->currentText();
  device_->clear();
  device_->addItem({});
  if (request().rights != CaptureRequest::Rights::OtherHost) device_->addItems(machine_.devices());
  device_->setEditText(written);
}

/// Says what keeps this from being started.
void CaptureDialog::check() {
  const bool isElsewhere = request().rights == CaptureRequest::Rights::OtherHost;
  create_->setEnabled(!request().device.isEmpty());
  host_->setEnabled(isElsewhere);
  const QString problem = problemOf(request().filter);
  problem_->setText(problem);
  buttons_->button(QDialogButtonBox::Ok)
      ->setEnabled(problem.isEmpty() && !(isElsewhere && request().host.isEmpty()));
}

}  // namespace vsdump::gui
