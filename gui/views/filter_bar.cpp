// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/filter_bar.h"

#include <QAbstractItemView>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QSettings>

#include "gui/models/filter_words.h"
#include "gui/views/settings_keys.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

namespace {

constexpr int kMostRemembered = 20;
constexpr int kPauseMs = 700;

}  // namespace

FilterBar::FilterBar(QWidget* parent)
    : QWidget(parent),
      line_(new QLineEdit(this)),
      answer_(new QLabel(this)),
      problem_(new QLabel(this)),
      completer_(new QCompleter(&offers_, this)) {
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(8, 0, 8, 0);
  layout->addWidget(line_, 1);
  layout->addWidget(answer_);
  line_->setPlaceholderText(tr("Filter, for example: port 1024 and op rst"));
  line_->setClearButtonEnabled(true);
  line_->setAccessibleName(tr("Filter"));
  line_->setToolTip(
      tr("vsdump's filter language; man vsdump-filter explains it.\n"
         "Enter applies it, Down shows earlier ones."));
  line_->setCompleter(completer_);
  line_->installEventFilter(this);
  problem_->setFont(fixedFont());
  problem_->setTextFormat(Qt::PlainText);
  problem_->setMargin(8);
  problem_->setAutoFillBackground(true);
  problem_->setBackgroundRole(QPalette::ToolTipBase);
  problem_->setForegroundRole(QPalette::ToolTipText);
  problem_->setFrameShape(QFrame::StyledPanel);
  problem_->hide();
  pause_.setSingleShot(true);
  pause_.setInterval(kPauseMs);
  connect(&pause_, &QTimer::timeout, this, [this] {
    // What is offered stands at the same place, and may be what is meant.
    completer_->popup()->isVisible() ? pause_.start() : showProblem();
  });
  connect(line_, &QLineEdit::textEdited, this,
          [this](const QString& text) { offer(completionsOf(text)); });
  connect(line_, &QLineEdit::textChanged, this, &FilterBar::check);
  connect(line_, &QLineEdit::returnPressed, this, &FilterBar::choose);
}

void FilterBar::apply(const QString& text) {
  line_->setText(text);
  choose();
}

void FilterBar::focusLine() {
  line_->setFocus();
  line_->selectAll();
}

void FilterBar::offer(const QStringList& texts) {
  offers_.setStringList(texts);
}

bool FilterBar::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::FocusOut) problem_->hide();
  const bool isDown =
      event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Down;
  if (isDown && line_->text().isEmpty()) {
    offer(QSettings().value(kFiltersKey).toStringList());
    completer_->setCompletionPrefix({});
    completer_->complete();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

void FilterBar::check() {
  const bool isFilter = filter::parse(line_->text().toStdString()).has_value();
  QPalette colors;
  if (!isFilter) colors.setColor(QPalette::Text, troubleColor(palette()));
  line_->setPalette(colors);
  problem_->hide();
  answer_->clear();
  if (isFilter) {
    pause_.stop();
  } else {
    pause_.start();
  }
  // An empty line is the wish to see everything again.
  if (line_->text().isEmpty()) choose();
}

void FilterBar::choose() {
  const QString text = line_->text().trimmed();
  const auto filter = filter::parse(text.toStdString());
  if (!filter) return showProblem();
  if (!text.isEmpty()) {
    QStringList history = QSettings().value(kFiltersKey).toStringList();
    history.removeAll(text);
    history.prepend(text);
    QSettings().setValue(kFiltersKey, QStringList(history.mid(0, kMostRemembered)));
  }
  emit chosen(*filter);
}

void FilterBar::showProblem() {
  const std::string text = line_->text().toStdString();
  const auto filter = filter::parse(text);
  if (filter) return;
  std::string said = drawing(filter.error(), text) + "\n\n" + filter.error().message + '.';
  if (!filter.error().suggestion.empty()) said += '\n' + filter.error().suggestion;
  problem_->setText(QString::fromStdString(said));
  problem_->setParent(window());
  problem_->adjustSize();
  problem_->move(line_->mapTo(window(), QPoint(0, line_->height() + 4)));
  problem_->raise();
  problem_->show();
}

}  // namespace vsdump::gui
