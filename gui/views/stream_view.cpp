// SPDX-License-Identifier: GPL-2.0-or-later
#include "gui/views/stream_view.h"

#include <QHBoxLayout>
#include <QTextCursor>
#include <QVBoxLayout>

#include "gui/models/text.h"
#include "gui/views/theme.h"

namespace vsdump::gui {

StreamView::StreamView(QWidget* parent)
    : QWidget(parent),
      form_(new QComboBox(this)),
      search_(new QLineEdit(this)),
      note_(new QLabel(this)),
      saveToServer_(new QPushButton(tr("Save client's bytes …"), this)),
      saveToClient_(new QPushButton(tr("Save server's bytes …"), this)),
      text_(new QPlainTextEdit(this)) {
  form_->addItem(tr("Text"), static_cast<int>(StreamForm::Text));
  form_->addItem(tr("Hex"), static_cast<int>(StreamForm::Hex));
  form_->addItem(tr("Messages"), static_cast<int>(StreamForm::Messages));
  form_->setAccessibleName(tr("Form"));
  search_->setPlaceholderText(tr("Find in the stream"));
  search_->setAccessibleName(tr("Find in the stream"));
  search_->setClearButtonEnabled(true);
  search_->setMaximumWidth(220);
  saveToServer_->setToolTip(tr("Writes all bytes from the client to the server to a file"));
  saveToClient_->setToolTip(tr("Writes all bytes from the server to the client to a file"));
  text_->setReadOnly(true);
  text_->setFont(fixedFont());
  text_->setFrameShape(QFrame::NoFrame);
  text_->setUndoRedoEnabled(false);
  text_->setAccessibleName(tr("Payload of the connection"));
  text_->document()->setDocumentMargin(8);

  auto* bar = new QHBoxLayout;
  bar->setContentsMargins(8, 8, 8, 8);
  bar->setSpacing(8);
  bar->addWidget(form_);
  bar->addWidget(search_);
  bar->addWidget(note_, 1);
  bar->addWidget(saveToServer_);
  bar->addWidget(saveToClient_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(bar);
  layout->addWidget(text_, 1);
  clear();

  connect(form_, &QComboBox::currentIndexChanged, this, &StreamView::formChosen);
  connect(search_, &QLineEdit::returnPressed, this, &StreamView::find);
  connect(saveToServer_, &QPushButton::clicked, this,
          [this] { emit saveWanted(Direction::ToServer); });
  connect(saveToClient_, &QPushButton::clicked, this,
          [this] { emit saveWanted(Direction::ToClient); });
}

void StreamView::display(const StreamContents& contents) {
  text_->clear();
  QTextCursor cursor(text_->document());
  cursor.beginEditBlock();
  for (const StreamPiece& piece : contents.pieces) {
    QTextCharFormat format;
    format.setForeground(directionColor(piece.direction, palette()));
    cursor.insertText(piece.text, format);
  }
  cursor.endEditBlock();
  text_->moveCursor(QTextCursor::Start);
  const bool showsMessages = form() == StreamForm::Messages;
  if (showsMessages) {
    text_->setPlaceholderText(tr("No messages: no protocol was recognised on this connection."));
    note_->setText(contents.shownMessages == contents.messages
                       ? tr("%1 messages").arg(contents.messages)
                       : tr("the first %1 of %2 messages; the table has all")
                             .arg(contents.shownMessages)
                             .arg(contents.messages));
  } else {
    text_->setPlaceholderText(tr("No payload passed on this connection."));
    note_->setText(contents.shownBytes == contents.bytes
                       ? bytesCell(contents.bytes)
                       : tr("the first %1 of %2; saving takes all")
                             .arg(bytesCell(contents.shownBytes), bytesCell(contents.bytes)));
  }
  saveToServer_->setEnabled(showsMessages || contents.bytes > 0);
  saveToClient_->setEnabled(showsMessages || contents.bytes > 0);
}

void StreamView::clear() {
  text_->clear();
  text_->setPlaceholderText(tr("Choose one connection to read what passed on it."));
  note_->clear();
  saveToServer_->setEnabled(false);
  saveToClient_->setEnabled(false);
}

void StreamView::focusSearch() {
  search_->setFocus();
  search_->selectAll();
}

void StreamView::find() {
  if (text_->find(search_->text())) return;
  const QTextCursor before = text_->textCursor();
  text_->moveCursor(QTextCursor::Start);
  if (text_->find(search_->text())) return;
  text_->setTextCursor(before);
  note_->setText(tr("not found"));
}

}  // namespace vsdump::gui
