// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/start_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr int kMissingMarkSize = 12;
constexpr int kWidestText = 640;

/// A mark for what is missing; what is well needs none.
QLabel* markOf(const MachineCheck& check, const QWidget* page) {
  auto* mark = new QLabel;
  mark->setFixedSize(kMissingMarkSize, kMissingMarkSize);
  if (check.status != MachineCheck::Status::Missing) return mark;
  const qreal scale = page->devicePixelRatioF();
  QPixmap picture(QSize(kMissingMarkSize, kMissingMarkSize) * scale);
  picture.setDevicePixelRatio(scale);
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  drawSeverity(painter, QRectF(0, 0, kMissingMarkSize, kMissingMarkSize), Severity::Warning,
               markColor(Severity::Warning, page->palette()));
  mark->setPixmap(picture);
  mark->setAccessibleName(QObject::tr("missing"));
  return mark;
}

QLabel* textOf(const QString& text) {
  auto* label = new QLabel(text);
  label->setTextFormat(Qt::PlainText);
  label->setWordWrap(true);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  return label;
}

}  // namespace

StartPage::StartPage(const Machine& machine, QWidget* parent)
    : QWidget(parent), machine_(machine), table_(new QWidget) {
  auto* title = new QLabel(tr("See what passes over AF_VSOCK"));
  QFont large = title->font();
  large.setPointSizeF(large.pointSizeF() * 1.6);
  title->setFont(large);
  auto* text = new QLabel(
      tr("Open a capture file, drop one here, or start a capture on this machine or another."));
  auto* open = new QPushButton(tr("&Open a capture file …"));
  auto* capture = new QPushButton(tr("Start a &capture …"));
  connect(open, &QPushButton::clicked, this, &StartPage::openWanted);
  connect(capture, &QPushButton::clicked, this, &StartPage::captureWanted);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(16);
  buttons->addWidget(open);
  buttons->addWidget(capture);

  auto* layout = new QVBoxLayout(this);
  layout->setSpacing(16);
  layout->addStretch(2);
  layout->addWidget(title, 0, Qt::AlignHCenter);
  layout->addWidget(text, 0, Qt::AlignHCenter);
  layout->addLayout(buttons);
  layout->setAlignment(buttons, Qt::AlignHCenter);
  layout->addSpacing(16);
  layout->addWidget(table_, 0, Qt::AlignHCenter);
  layout->addStretch(3);
  connect(&machine_, &Machine::answered, this, &StartPage::showMachine);
  showMachine();
}

void StartPage::showMachine() {
  // Who takes the place of a widget in a layout deletes it himself.
  auto* made = new QWidget;
  auto* grid = new QGridLayout(made);
  grid->setContentsMargins(16, 8, 16, 8);
  grid->setHorizontalSpacing(16);
  grid->setVerticalSpacing(6);
  grid->setColumnMinimumWidth(2, kWidestText);
  const auto& checks = machine_.checks();
  auto* heading =
      new QLabel(checks.empty() ? tr("vsdump doctor, which says what this machine can capture, "
                                     "has not answered.")
                                : tr("What this machine can capture, as vsdump doctor says:"));
  grid->addWidget(heading, 0, 0, 1, 3);
  int row = 1;
  for (const MachineCheck& check : checks) {
    QLabel* name = textOf(check.name);
    name->setWordWrap(false);
    grid->addWidget(markOf(check, this), row, 0, Qt::AlignTop);
    grid->addWidget(name, row, 1, Qt::AlignTop);
    grid->addWidget(textOf(check.value), row++, 2);
    if (check.remedy.isEmpty()) continue;
    QLabel* remedy = textOf(QStringLiteral("→ ") + check.remedy);
    remedy->setForegroundRole(QPalette::PlaceholderText);
    grid->addWidget(remedy, row++, 2);
  }
  layout()->replaceWidget(table_, made);
  table_->deleteLater();
  table_ = made;
  static_cast<QVBoxLayout*>(layout())->setAlignment(table_, Qt::AlignHCenter);
}

}  // namespace vsdump::gui
